/** The explanation: sections of statements, each of which lights up what it rests on. */

import { mark, MARKS } from "./card";
import { h, set } from "./dom";
import type { State } from "./state";
import type { Basis, Section, Statement } from "./types";

export class Story {
  readonly scroller = set(h("div", "scroll story"), { role: "region", "aria-label": "Explanation" });
  private readonly said: [HTMLElement, Statement][] = [];

  constructor(private readonly state: State) {
    const { model } = state;
    this.scroller.append(
      h("h2", "", model.title),
      h("p", "lead", model.summary),
      ...model.notes.map((note) => h("p", "note", note)),
      ...model.sections.map((section) => this.section(section)),
      this.legend(),
    );
    this.roving();
    state.on((topic) => {
      if (topic === "lit" || topic === "selected") this.mark();
    });
  }

  /** How many statements rest on a node. */
  mentions(node: number): number {
    return this.said.filter(([, { evidence }]) => evidence.includes(node)).length;
  }

  /** Scrolls to the first statement that rests on a node. */
  jump(node: number): void {
    const found = this.said.find(([, { evidence }]) => evidence.includes(node))?.[0];
    found?.scrollIntoView({ block: "nearest" });
    found?.focus({ preventScroll: true });
  }

  private section({ title, node, style, statements }: Section): HTMLElement {
    const element = h("section", "", h("h3", "", title));
    if (node > 0) {
      const heading = element.firstChild as HTMLElement;
      heading.onpointerenter = () => this.state.light([node], "story");
      heading.onpointerleave = () => this.state.light([], "");
    }
    if (style === "prose") element.append(h("p", "", ...statements.flatMap((s) => [this.statement(s), " "])));
    else element.append(this.list(style === "steps" ? "ol" : "ul", statements));
    return element;
  }

  private list(tag: "ol" | "ul", statements: Statement[]): HTMLElement {
    const list = h(tag, tag === "ul" ? "parts" : "");
    let label = "";
    for (const statement of statements) {
      const goesOn = tag === "ul" && statement.label === label && label && list.lastElementChild;
      if (goesOn) goesOn.append(" ", this.statement(statement));
      else list.append(h("li", "", statement.label && h("code", "", statement.label), " ", this.statement(statement)));
      label = statement.label;
    }
    return list;
  }

  private statement(statement: Statement): HTMLElement {
    const element = h("span", "say", statement.text, mark(statement.basis));
    const { evidence } = statement;
    this.said.push([element, statement]);
    if (!evidence.length) return element;
    set(element, { role: "link", tabindex: -1 });
    element.classList.add("on");
    element.onpointerenter = element.onfocus = () => this.state.light(evidence, "story");
    element.onpointerleave = element.onblur = () => this.state.light([], "");
    element.onclick = () => this.state.select(evidence[0]);
    return element;
  }

  /** One tab stop for all statements; up and down go from one to the next, Enter to what it rests on. */
  private roving(): void {
    const stops = this.said.map(([element]) => element).filter((element) => element.classList.contains("on"));
    if (stops[0]) stops[0].tabIndex = 0;
    else this.scroller.tabIndex = 0;
    this.scroller.onkeydown = (event) => {
      const at = stops.indexOf(event.target as HTMLElement);
      const step = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Enter" || event.key === " ") stops[at].click();
      else if (step && stops[at + step]) {
        stops[at].tabIndex = -1;
        stops[at + step].tabIndex = 0;
        stops[at + step].focus();
      } else return;
      event.preventDefault();
      event.stopPropagation();
    };
  }

  private legend(): HTMLElement {
    const used = (Object.keys(MARKS) as Basis[]).filter((basis) => this.said.some(([, s]) => s.basis === basis) || this.state.model.basis.includes(basis));
    const marks = used.map((basis) => h("li", "", mark(basis) ?? h("span", "mark plain", "–"), h("b", "", MARKS[basis][1]), ` ${MARKS[basis][2]}`));
    return set(h("ul", "legend", ...marks), { "aria-label": "How far to trust each sentence" });
  }

  private mark(): void {
    const { lit, litFrom, selected } = this.state;
    for (const [element, { evidence }] of this.said) {
      element.classList.toggle("lit", litFrom !== "story" && lit.some((n) => evidence.includes(n)));
      element.classList.toggle("sel", selected > 0 && evidence.includes(selected));
    }
  }
}
