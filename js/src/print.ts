/** The print pane: what PyTorch prints, to the letter, as real text; its lines know their modules. */

import { h, set } from "./dom";
import { tint } from "./kinds";
import type { State } from "./state";
import { Windowed } from "./windowed";

export const LINE = 18;
const WHOLE = 2000;

const HEAD = /^(\s*)(\([^)]*\): )?(\d+ x )?([^\s(]+)(\(.*)?$/;

export class Print {
  readonly scroller = set(h("div", "scroll print"), { role: "group", "aria-label": "Printed model", tabindex: 0 });
  readonly rows: Windowed;
  /** First line of each node, and one past its last. */
  private readonly first = new Map<number, number>();
  private readonly last = new Map<number, number>();

  constructor(private readonly state: State) {
    const { model } = state;
    model.lineOf.forEach((node, line) => {
      if (node < 0) return;
      if (!this.first.has(node)) this.first.set(node, line);
      this.last.set(node, line + 1);
    });
    this.rows = new Windowed(this.scroller, LINE, (line) => this.make(line), () => -1, WHOLE);
    const widest = model.lines.reduce((most, line) => Math.max(most, line.length), 0);
    this.rows.body.style.minWidth = `calc(${widest + 2}ch + var(--gutter))`;
    this.scroller.style.setProperty("--gutter", `${String(model.lines.length).length + 2}ch`);
    this.rows.reset(model.lines.length);
    this.listen();
    state.on((topic) => {
      if (topic === "lit" || topic === "selected") this.mark();
      if (topic === "selected" && state.selected >= 0) this.show(state.selected);
    });
  }

  nodeOf(target: EventTarget | null): number {
    const line = (target as Element | null)?.closest?.<HTMLElement>("[data-l]");
    return line ? this.state.model.lineOf[+line.dataset.l!] : -1;
  }

  show(node: number): void {
    for (let at = node; at >= 0; at = this.state.model.parent[at]) {
      const line = this.first.get(at);
      if (line !== undefined) return this.rows.show(line, 2);
    }
  }

  private listen(): void {
    const { state, scroller } = this;
    scroller.onpointerover = (event) => {
      const node = this.nodeOf(event.target);
      state.light(node < 0 ? [] : [node], "print");
    };
    scroller.onpointerleave = () => state.light([], "");
    scroller.onclick = (event) => {
      const node = this.nodeOf(event.target);
      const chosen = (scroller.getRootNode() as ShadowRoot & { getSelection?: () => Selection | null }).getSelection?.() ?? getSelection();
      // A click that ends a selection of text is not a choice of a module.
      if (node >= 0 && (!chosen || chosen.isCollapsed)) state.select(node);
    };
  }

  private mark(): void {
    this.rows.each((element, line) => this.markLine(element, line));
  }

  private inside(node: number, line: number): boolean {
    return line >= (this.first.get(node) ?? Infinity) && line < this.last.get(node)!;
  }

  private markLine(element: HTMLElement, line: number): void {
    const { lit, selected, model } = this.state;
    const node = model.lineOf[line];
    element.classList.toggle("lit", lit.some((n) => this.inside(n, line)));
    element.classList.toggle("strong", lit.includes(node));
    element.classList.toggle("sel", selected >= 0 && this.inside(selected, line));
  }

  private make(line: number): HTMLElement {
    const { model } = this.state;
    const text = model.lines[line];
    const node = model.lineOf[line];
    const element = h("div", "line");
    const parts = node >= 0 && this.first.get(node) === line ? HEAD.exec(text) : null;
    if (parts?.[4]) {
      const [, space, name = "", times = "", type, rest = ""] = parts;
      element.append(space, h("span", "name", name), h("span", "times", times), tint(h("span", "type", type), model.kind[node]), rest);
    } else element.append(text || "​");
    set(element, { "data-l": line, "data-no": line + 1 });
    this.markLine(element, line);
    return element;
  }
}
