/** The tree pane: one row a node, only those in sight in the document. */

import { bare, h, icon, mark, set, taken } from "./dom";
import { exact, percent, short } from "./format";
import { letter, tint } from "./kinds";
import { badges } from "./marks";
import { shown } from "./paths";
import { children, hasChildren, rowOf } from "./rows";
import type { State } from "./state";
import type { Model } from "./types";
import { windowed, type Windowed } from "./windowed";

export const ROW = 22;

/** Indentation, which narrows below this many levels and then ends: a tree 5,000 deep must still be read. */
const indented = (depth: number): number => Math.min(depth, 14) * 14 + Math.max(0, Math.min(depth - 14, 40)) * 2;

export interface Pane {
  scroller: HTMLElement;
  rows: Windowed;
  /** Brings a node into sight, or what it is folded in. */
  show(node: number): void;
}

export function tree(state: State, onFocus: (row: HTMLElement, node: number) => void): Pane {
  const { model } = state;
  const at = (node: number): number => rowOf(model, state.rows, node);
  const scroller = h("div", { class: "scroll tree", role: "tree", "aria-label": "Modules", tabindex: -1 });
  const make = (row: number): HTMLElement => {
    const node = state.rows[row];
    const element = set(rowOfNode(state, node), { onfocus: () => onFocus(element, node) });
    markRow(state, element, node);
    return element;
  };
  const rows = windowed(scroller, { rowHeight: ROW, make, kept: () => at(state.active) });
  rows.reset(state.rows.length);

  state.on((topic) => {
    if (topic === "rows") return rows.reset(state.rows.length);
    if (topic === "active") {
      const inside = scroller.matches(":focus-within");
      rows.show(at(state.active));
      rows.draw();
      if (inside) rows.row(at(state.active))?.focus({ preventScroll: true });
    }
    rows.each((element, row) => markRow(state, element, state.rows[row]));
  });

  let typed = "";
  let typedAt = 0;
  scroller.onkeydown = (event) => {
    const { key, timeStamp } = event;
    if (!bare(event)) return;
    if (key.length === 1 && key !== " " && key !== "*") {
      typed = timeStamp - typedAt < 700 ? typed + key : key;
      typedAt = timeStamp;
      state.type(typed);
    } else if (!state.press(key, rows.page())) return;
    taken(event);
  };
  return { scroller, rows, show: (node) => rows.show(at(node)) };
}

function markRow(state: State, element: HTMLElement, node: number): void {
  const { model, lit, open } = state;
  mark(element, {
    lit: lit.includes(node),
    holds: !open[node] && lit.some((n) => n > node && n < model.end[node]),
    hit: state.hits.includes(node),
  });
  set(element, { "aria-selected": node === state.selected, tabindex: node === state.active ? 0 : -1 });
}

function rowOfNode({ model, open }: State, node: number): HTMLElement {
  const parent = hasChildren(model, node);
  const siblings = node ? children(model, model.parent[node]) : [0];
  return h(
    "div",
    {
      ...tint("row", model.kind[node]),
      role: "treeitem",
      "data-n": node,
      "aria-level": model.depth[node] + 1,
      "aria-setsize": siblings.length,
      "aria-posinset": siblings.indexOf(node) + 1,
      "aria-label": spoken(model, node),
      "aria-expanded": parent ? !!open[node] : null,
    },
    indent(model, node),
    h("span", "chev", parent && icon("chevron")),
    h("span", "kind", letter(model.kind[node])),
    ...label(model, node),
    ...numbers(model, node),
  );
}

/** Guides for the levels above, and the brackets of runs whose rows take turns. */
function indent(model: Model, node: number): HTMLElement {
  const element = h("span", { class: "indent", style: `width:${indented(model.depth[node])}px` });
  for (let at = node; at > 0; at = model.parent[at]) {
    const last = model.turn[at] === model.period[at] - 1;
    if (model.period[at] < 2 || (at !== node && last)) continue;
    const end = at !== node ? "" : model.turn[at] === 0 ? " first" : last ? " last" : "";
    element.append(h("span", { class: `turns${end}`, style: `left:${indented(model.depth[at]) - 5}px` }));
  }
  return element;
}

function label(model: Model, node: number): (HTMLElement | false)[] {
  const count = model.count[node];
  const many = count > 1 && !model.turn[node];
  const title = model.period[node] > 1 ? `these ${model.period[node]} take turns, ${count} times` : `${count} equal modules`;
  return [
    node > 0 && h("span", many ? "name dim" : "name", shown(model.segment[node])),
    many && h("span", { class: "times", title }, `${count} ×`),
    h("span", "type", model.type[node]),
    h("span", "hint", (model.args[node] || model.heading[node]).replace(/\s+/g, " ")),
  ];
}

/** What a row adds to the total, which is less than what it holds where an earlier row holds it too. */
export const share = (model: Model, node: number): number => Math.max(0, model.counted[node] / model.counted[0]) || 0;

function numbers(model: Model, node: number): HTMLElement[] {
  const params = model.params[node];
  const text = params < 0 ? "?" : params && short(params);
  const elsewhere = params > 0 && !model.counted[node];
  return [
    ...badges(model.badges[node]),
    h("span", elsewhere ? "count dim" : "count", model.count[node] > 1 && params > 0 && h("span", "dim", `${model.count[node]} × `), text ? (elsewhere ? `(${text})` : text) : ""),
    h("span", params ? "share" : "", h("span", { class: "fill", style: `width:${share(model, node) * 100}%` })),
  ];
}

function spoken(model: Model, node: number): string {
  const params = model.params[node];
  return [
    node > 0 && shown(model.segment[node]),
    model.type[node],
    model.count[node] > 1 && `${model.count[node]} times`,
    params < 0 ? "parameters unknown" : params > 0 && `${exact(params)} parameters, ${percent(share(model, node))}`,
    ...model.badges[node],
  ]
    .filter(Boolean)
    .join(", ");
}
