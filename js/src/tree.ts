/** The tree pane: one row a node, only those in sight in the document. */

import { button, h, icon, set } from "./dom";
import { exact, percent, short } from "./format";
import { letter, tint } from "./kinds";
import { pathOf, shown } from "./paths";
import { children, hasChildren, rowOf } from "./rows";
import type { State } from "./state";
import type { Model } from "./types";
import { Windowed } from "./windowed";

export const ROW = 22;
const STEP = 14;
const DEEP = 14;

export class Tree {
  readonly scroller = set(h("div", "scroll tree"), { role: "tree", "aria-label": "Modules", tabindex: -1 });
  readonly rows: Windowed;
  private typed = "";
  private typedAt = 0;

  constructor(
    private readonly state: State,
    private readonly onRow: (row: HTMLElement, node: number) => void,
  ) {
    this.rows = new Windowed(this.scroller, ROW, (row) => this.make(row), () => rowOf(state.model, state.rows, state.active));
    set(this.rows.body, { role: "presentation" });
    this.rows.reset(state.rows.length);
    this.listen();
    state.on((topic) => {
      if (topic === "rows") this.rows.reset(state.rows.length);
      if (topic === "active") this.activate();
      if (topic === "active" || topic === "selected" || topic === "lit" || topic === "search") this.mark();
    });
  }

  nodeOf(target: EventTarget | null): number {
    const row = (target as Element | null)?.closest?.<HTMLElement>("[data-n]");
    return row ? +row.dataset.n! : -1;
  }

  focus(): void {
    this.current()?.focus({ preventScroll: true });
  }

  current(): HTMLElement | undefined {
    return this.rows.row(rowOf(this.state.model, this.state.rows, this.state.active));
  }

  /** Scrolls to a node, or to what it is folded in. */
  reveal(node: number): void {
    this.rows.show(rowOf(this.state.model, this.state.rows, node));
  }

  private activate(): void {
    const row = rowOf(this.state.model, this.state.rows, this.state.active);
    const root = this.scroller.getRootNode() as ShadowRoot;
    const inside = !!root.activeElement && this.scroller.contains(root.activeElement);
    this.rows.show(row);
    this.rows.draw();
    this.rows.each((element, at) => (element.tabIndex = at === row ? 0 : -1));
    if (inside) this.focus();
  }

  private listen(): void {
    const { state, scroller } = this;
    scroller.onclick = (event) => {
      const node = this.nodeOf(event.target);
      if (node < 0) return;
      if ((event.target as Element).closest(".chev")) {
        state.go(node);
        state.toggle(node);
      } else state.select(node);
      this.focus();
    };
    scroller.ondblclick = (event) => {
      const node = this.nodeOf(event.target);
      if (node >= 0 && hasChildren(state.model, node) && !(event.target as Element).closest(".chev")) state.toggle(node);
    };
    scroller.onpointerover = (event) => {
      const node = this.nodeOf(event.target);
      state.light(node < 0 ? [] : [node], "tree");
    };
    scroller.onpointerleave = () => state.light([], "");
    scroller.onkeydown = (event) => this.key(event);
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    const typing = key.length === 1 && key !== " " && key !== "*";
    if (typing) this.typeAhead(key, event.timeStamp);
    else if (!this.state.press(key, this.rows.page)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  private typeAhead(key: string, now: number): void {
    this.typed = now - this.typedAt < 700 ? this.typed + key : key;
    this.typedAt = now;
    this.state.type(this.typed);
  }

  private mark(): void {
    this.rows.each((element, row) => this.markRow(element, this.state.rows[row]));
  }

  private markRow(element: HTMLElement, node: number): void {
    const { state } = this;
    const { model } = state;
    const held = !state.open[node] && state.lit.some((n) => n > node && n < model.end[node]);
    element.classList.toggle("lit", state.lit.includes(node));
    element.classList.toggle("holds", held);
    element.classList.toggle("hit", state.query !== "" && state.hits.includes(node));
    set(element, { "aria-selected": node === state.selected });
  }

  private make(row: number): HTMLElement {
    const { state } = this;
    const { model } = state;
    const node = state.rows[row];
    const parent = hasChildren(model, node);
    const siblings = node ? children(model, model.parent[node]) : [0];
    const element = h(
      "div",
      "row",
      indent(model, node),
      h("span", parent ? "chev" : "chev none", parent && icon("chevron")),
      set(h("span", "kind", letter(model.kind[node])), { "aria-hidden": true }),
      ...label(model, node),
      ...numbers(model, node),
    );
    tint(element, model.kind[node]);
    set(element, {
      role: "treeitem",
      "data-n": node,
      tabindex: node === state.active ? 0 : -1,
      "aria-level": model.depth[node] + 1,
      "aria-setsize": siblings.length,
      "aria-posinset": siblings.indexOf(node) + 1,
      "aria-label": spoken(model, node),
      "aria-expanded": parent ? !!state.open[node] : null,
    });
    this.markRow(element, node);
    this.onRow(element, node);
    return element;
  }
}

/** Guides for the levels above, and the brackets of runs whose rows take turns. */
function indent(model: Model, node: number): HTMLElement {
  const width = (depth: number): number => Math.min(depth, DEEP) * STEP + Math.max(0, Math.min(depth - DEEP, 40)) * 2;
  const element = h("span", "indent");
  element.style.width = `${width(model.depth[node])}px`;
  for (let at = node; at > 0; at = model.parent[at]) {
    if (model.period[at] < 2) continue;
    const last = model.turn[at] === model.period[at] - 1;
    if (at !== node && last) continue;
    const bracket = h("span", at !== node ? "br" : model.turn[at] === 0 ? "br first" : last ? "br last" : "br");
    bracket.style.left = `${width(model.depth[at]) - 5}px`;
    element.append(bracket);
  }
  return element;
}

function label(model: Model, node: number): (HTMLElement | false)[] {
  const many = model.count[node] > 1 && model.turn[node] === 0;
  const turns = model.period[node] > 1 ? `These ${model.period[node]} take turns, ${model.count[node]} times` : `${model.count[node]} equal modules`;
  const args = model.args[node];
  const hint = args || model.title_[node];
  return [
    node > 0 && h("span", many ? "name run" : "name", shown(model.segment[node])),
    many && set(h("span", "times", `${model.count[node]} ×`), { title: turns }),
    h("span", "type", model.type[node]),
    h("span", args ? "hint code" : "hint", hint.replace(/\s+/g, " ")),
  ];
}

function numbers(model: Model, node: number): HTMLElement[] {
  const marks = model.badges[node].map((text) => h("span", `badge ${text.replace(/\W.*/, "")}`, text));
  const params = model.params[node];
  const total = model.params[0];
  const share = total > 0 && params > 0 ? (params * model.times[node]) / total : 0;
  const bar = h("span", "bar", h("span", "fill"));
  (bar.firstChild as HTMLElement).style.width = `${Math.min(100, share * 100)}%`;
  const count = params < 0 ? "?" : params === 0 ? "" : short(params);
  const run = model.count[node] > 1 && params > 0;
  return [...marks, h("span", "count", run && h("span", "dim", `${model.count[node]} × `), count), bar];
}

function spoken(model: Model, node: number): string {
  const params = model.params[node];
  const name = node ? pathOf(model, node).split(".").pop()! : "";
  return [
    name && shown(name),
    model.type[node],
    model.count[node] > 1 && `${model.count[node]} times`,
    params > 0 && `${exact(params)} parameters`,
    params > 0 && model.params[0] > 0 && node > 0 && percent((params * model.times[node]) / model.params[0]),
    params < 0 && "parameters unknown",
    ...model.badges[node],
  ].filter(Boolean).join(", ");
}

export function treeTools(state: State): HTMLElement[] {
  return [button("Expand all", "expand", () => state.expand(true)), button("Collapse all", "collapse", () => state.expand(false))];
}
