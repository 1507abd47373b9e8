/** The explanation: sections of statements, each of which lights up what it rests on. */

import { h, mark, scroller, taken, type Kid } from "./dom";
import { basisMark, MEANINGS } from "./marks";
import { Topic, type State } from "./state";
import type { Basis, Section, Statement } from "./types";

export interface Story {
  scroller: HTMLElement;
  /** The statements that rest on a node. */
  about(node: number): HTMLElement[];
}

export function story(state: State): Story {
  const { model } = state;
  const said = new Map<HTMLElement, Statement>();

  const say = (statement: Statement): HTMLElement => {
    const { text, basis, evidence } = statement;
    const go = (): void => state.choose(evidence[0]);
    const light = (): void => state.light(evidence, "story");
    const dim = (): void => state.light([], "");
    const onkeydown = (event: KeyboardEvent): void => {
      if (event.key !== "Enter") return;
      go();
      taken(event);
    };
    const links = { role: "link", tabindex: 0, onclick: go, onpointerenter: light, onfocus: light, onpointerleave: dim, onblur: dim, onkeydown };
    const element = h("span", { class: "say", ...(evidence.length ? links : {}) }, text, basisMark(basis));
    said.set(element, statement);
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
  const section = ({ title, style, statements }: Section): HTMLElement =>
    h("section", "", h("h3", "", title), style === "prose" ? h("p", "", ...run(statements)) : list(style === "steps", statements));

  // Where the first section is the summary, it is told once, with its marks.
  const [first, ...rest] = model.sections;
  const same = first?.statements.map((statement) => statement.text).join(" ") === model.summary;
  const element = scroller(
    "story",
    "Explanation",
    {},
    h("h2", "", model.title),
    h("p", "lead", ...(same ? run(first.statements) : [model.summary])),
    ...model.notes.map((note) => h("p", "role", note)),
    ...(same ? rest : model.sections).map(section),
  );
  const used = new Set([...model.basis, ...[...said.values()].map((statement) => statement.basis)]);
  const legend = (Object.keys(MEANINGS) as Basis[]).filter((basis) => used.has(basis));
  element.append(h("p", "legend", ...legend.map((basis) => h("span", "", basisMark(basis) || "unmarked", ` ${MEANINGS[basis]}`))));

  state.listen((topic) => {
    if (topic !== Topic.Lit && topic !== Topic.Chosen) return;
    const { lights, origin, chosen } = state;
    for (const [element, { evidence }] of said) {
      mark(element, { lit: origin !== "story" && lights.some((node) => evidence.includes(node)), sel: chosen > 0 && evidence.includes(chosen) });
    }
  });
  return { scroller: element, about: (node) => [...said].filter(([, { evidence }]) => evidence.includes(node)).map(([element]) => element) };
}
