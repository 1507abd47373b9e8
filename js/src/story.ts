/** The explanation: sections of statements, each of which lights up what it rests on; its terms open in place. */

import { bare, choice, div, h, mark, scroller, set, span, taken, type Kid } from "./dom";
import { basisMark, MEANINGS } from "./marks";
import { pictures } from "./pictures";
import { nearest } from "./rows";
import { Topic, type State } from "./state";
import { entryOf, terms } from "./terms";
import type { Basis, Section, Statement } from "./types";

export interface Story {
  bar: HTMLElement;
  pictures: HTMLElement;
  scroller: HTMLElement;
  /** The statements that rest on a node. */
  about(node: number): HTMLElement[];
}

export function story(state: State): Story {
  const { model } = state;
  const find = terms(model.glossary);
  /** What each sentence rests on. */
  const said = new Map<HTMLElement, number[]>();
  const used = new Set<Basis>();
  let seen = new Set<string>();

  const term = (text: string): HTMLElement => {
    const toggle = (event: Event): void => {
      const opened = element.nextElementSibling;
      const was = opened?.className === "gloss";
      if (was) opened.remove();
      else element.after(span({ class: "gloss", role: "note" }, model.glossary.get(entryOf(model.glossary, text))));
      set(element, { "aria-expanded": !was });
      event.stopPropagation();
    };
    const element = h("button", { class: "term", tabindex: -1, "aria-expanded": false, onclick: toggle }, text);
    return element;
  };
  const say = (statement: Statement): HTMLElement => {
    const { text, basis } = statement;
    const evidence = statement.evidence.map((node) => model.rowAt?.[node] ?? node);
    used.add(basis);
    const go = (): void => state.choose(evidence[0]);
    const light = (): void => state.light(evidence, "story");
    const dim = (): void => state.light([], "");
    const onkeydown = (event: KeyboardEvent): void => void (event.key === "Enter" && event.target === element && (go(), taken(event)));
    const links = { role: "link", tabindex: -1, onclick: go, onpointerenter: light, onfocus: light, onpointerleave: dim, onblur: dim, onkeydown };
    const pieces = find(text, seen).map((piece, at) => (at % 2 ? term(piece) : piece));
    const element: HTMLElement = span({ class: "say", ...(evidence.length ? links : {}) }, ...pieces, basisMark(basis));
    said.set(element, evidence);
    return element;
  };
  const run = (statements: Statement[]): Kid[] => statements.flatMap((statement) => [say(statement), " "]);
  const list = (steps: boolean, statements: Statement[]): HTMLElement => {
    const element = h(steps ? "ol" : "ul");
    let before: string | null = null;
    for (const statement of statements) {
      const { label } = statement;
      if (label && label === before) element.lastChild!.appendChild(say(statement));
      else element.append(h("li", "", label && h("code", "", label), say(statement)));
      before = label;
    }
    return element;
  };
  const section = ({ title, style, statements }: Section): HTMLElement => {
    seen = new Set();
    return h("section", "", h("h3", "", title), style === "prose" ? h("p", "", ...run(statements)) : list(style === "steps", statements));
  };
  const legend = (): HTMLElement => {
    const known = (Object.keys(MEANINGS) as Basis[]).filter((basis) => used.has(basis) || model.basis.includes(basis));
    return h("p", "legend", ...known.map((basis) => span("", basisMark(basis) || "unmarked", ` ${MEANINGS[basis]}`)), ...(model.pass?.symbols ?? []).map(([letter, meaning, size]) => span("", h("code", "", letter), ` ${meaning}, here ${size}`)));
  };

  const element = scroller("story", "Explanation", { tabindex: -1 });
  const drawn = pictures(state);
  const contents = h("nav", { class: "contents", "aria-label": "Sections" });
  const draw = (): void => {
    said.clear();
    used.clear();
    seen = new Set();
    const { lead, sections } = model.told.get(state.level)!;
    const [first, ...rest] = sections;
    // Where the first section is the summary, it is told under the title.
    const opening = lead || !first ? [lead] : run(first.statements);
    const body = (lead ? sections : rest).map(section);
    element.replaceChildren(
      h("h2", "", model.title),
      drawn,
      h("p", "lead", ...opening),
      ...model.notes.map((note) => h("p", "role", note)),
      model.pass?.failed ? h("p", "note bad", model.pass.failed[1]) : "",
      ...body,
    );
    element.append(legend());
    contents.replaceChildren(
      ...body.map((part) => h("button", { onclick: () => (element.scrollTop = part.offsetTop - 8) }, part.firstChild!.textContent)),
    );
    said.keys().next().value?.setAttribute("tabindex", "0");
    light();
    spy();
  };
  /** Which section is being read. */
  const spy = (): void => {
    if (!element.clientHeight) return;
    const parts = [...element.querySelectorAll("section")];
    const at = parts.findLastIndex((part) => part.offsetTop <= element.scrollTop + 40);
    [...contents.children].forEach((entry, n) => set(entry, { "aria-current": n === at || null }));
  };
  const light = (): void => {
    const { lights, origin, chosen } = state;
    for (const [sentence, evidence] of said) {
      mark(sentence, { lit: origin !== "story" && lights.some((node) => evidence.includes(node)), sel: chosen > 0 && evidence.includes(chosen) });
    }
  };
  // One stop for the tabulator; arrows go from sentence to sentence, and to the terms in them.
  element.onkeydown = (event) => {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const stops = [...element.querySelectorAll<HTMLElement>(".say[role],.term")];
    const at = stops.indexOf(event.target as HTMLElement);
    if (!by || !bare(event) || at < 0) return;
    nearest(stops, at + by).focus();
    taken(event);
  };
  element.addEventListener("focusin", ({ target }) => {
    element.querySelectorAll("[tabindex='0']").forEach((stop) => set(stop, { tabindex: -1 }));
    if (target !== element) set(target as HTMLElement, { tabindex: 0 });
  });
  element.onscroll = spy;
  state.listen((topic) => {
    if (topic === Topic.Lit || topic === Topic.Chosen) light();
    if (topic === Topic.Level) draw();
  });
  draw();
  const levels = choice("Level of the explanation", [...model.told.keys()].map((level) => [level, level[0].toUpperCase() + level.slice(1)]), state.tell);
  levels.value = state.level;
  return {
    bar: div("bar", contents, span("gap"), levels),
    scroller: element,
    pictures: drawn,
    about: (node) => [...said].filter(([, evidence]) => evidence.includes(node)).map(([sentence]) => sentence),
  };
}
