/** The tree pane: one row a node, only those in sight in the document. */

import { bare, div, icon, mark, scroller, set, span, taken } from "./dom";
import { short } from "./format";
import { kindMark, tint } from "./kinds";
import { badges } from "./marks";
import { indexIn, rowOf } from "./rows";
import { Topic, type State } from "./state";
import type { Model } from "./types";
import { windowed } from "./windowed";

const ROW = 22;

/** The path before the name of a setting. */
const INSIDE = /[\w.]+\.(?=\w+[=:])/g;

/** Indentation, which narrows below this many levels and then ends: a tree 5,000 deep must still be read. */
const indented = (depth: number): number => Math.min(depth, 14) * 14 + Math.max(0, Math.min(depth - 14, 40)) * 2;

export interface Pane {
  scroller: HTMLElement;
  /** Buttons that float over it. */
  tools?: HTMLElement;
  /** Brings a node into sight, or what it is folded in. */
  show(node: number): void;
}

export function tree(state: State, height: number, onFocus: (row: HTMLElement, node: number) => void): Pane {
  const { model } = state;
  const at = (node: number): number => rowOf(model, state.open, state.rows, node);
  const element = scroller("tree", "Modules", { role: "tree", tabindex: -1 });
  const make = (row: number): HTMLElement => {
    const node = state.rows[row];
    const made = set(rowOfNode(state, node), {
      onfocus: () => {
        // Assistive technology moves the focus by itself.
        if (node !== state.active) state.go(node);
        onFocus(made, node);
      },
    });
    markRow(state, made, node);
    return made;
  };
  const rows = windowed(element, { rowHeight: ROW, make, kept: () => at(state.active), height });
  rows.reset(state.rows.length);

  state.listen((topic) => {
    if (topic === Topic.Rows) return rows.reset(state.rows.length);
    if (topic === Topic.Active) {
      const inside = element.matches(":focus-within");
      rows.show(at(state.active));
      rows.draw();
      if (inside) rows.row(at(state.active))?.focus();
    }
    rows.each((element, row) => markRow(state, element, state.rows[row]));
  });

  let typed = "";
  let typedAt = 0;
  element.onkeydown = (event) => {
    const { key, timeStamp } = event;
    if (!bare(event)) return;
    if (key.length === 1 && key !== " " && key !== "*") {
      typed = timeStamp - typedAt < 700 ? typed + key : key;
      typedAt = timeStamp;
      state.typed(typed);
    } else if (!state.press(key)) return;
    taken(event);
  };
  return { scroller: element, show: (node) => rows.show(at(node)) };
}

function markRow(state: State, element: HTMLElement, node: number): void {
  const { model, lights, open } = state;
  mark(element, {
    lit: lights.includes(node),
    holds: !open[node] && lights.some((n) => n > node && n < model.end[node]),
    hit: indexIn(state.hits, node) >= 0,
    failed: model.pass?.failed?.[0] === (model.nodeAt?.[node] ?? node),
    faint: !!state.only && model.kind[node] !== state.only,
  });
  set(element, { "aria-selected": node === state.chosen, tabindex: node === state.active ? 0 : -1 });
}

function rowOfNode({ model, open, shown }: State, node: number): HTMLElement {
  const parent = shown.kids[node];
  return div(
    {
      ...tint("row", model.kind[node]),
      role: "treeitem",
      "data-n": node,
      "aria-level": model.depth[node] + 1,
      "aria-setsize": shown.kids[model.parent[node]],
      "aria-posinset": shown.position[node],
      "aria-expanded": parent ? !!open[node] : null,
    },
    indent(model, node),
    span("chev", !!parent && icon("chevron")),
    kindMark(model.kind[node]),
    ...label(model, node),
    !!model.pass && span({ class: "flow", title: model.exact[node] }, model.shapes[node].split(" → ").at(-1)),
    ...numbers(model, node),
  );
}

/** Guides for the levels above, and the brackets of runs whose rows take turns. */
function indent(model: Model, node: number): HTMLElement {
  const element = span({ class: "indent", style: `width:${indented(model.depth[node])}px` });
  for (let at = node; at > 0; at = model.parent[at]) {
    const last = model.turn[at] + model.breadth[at] === model.period[at];
    if (model.period[at] < 2 || (at !== node && last)) continue;
    const end = at !== node ? "" : model.turn[at] === 0 ? " first" : last ? " last" : "";
    element.append(span({ class: `turns${end}`, style: `left:${indented(model.depth[at]) - 5}px` }));
  }
  return element;
}

function label(model: Model, node: number): (HTMLElement | false)[] {
  const count = model.count[node];
  const period = model.period[node];
  const breadth = model.breadth[node];
  const turns = period > 1;
  const title = turns ? `${count / breadth} times ${breadth} of these, then ${period - breadth} other` : `${count} equal modules`;
  return [
    !!model.names[node] && span(count > 1 ? "name dim" : "name", model.names[node]),
    count > 1 && span({ class: "times", title }, turns ? `${count / breadth} × ${breadth}` : `${count} ×`),
    span("type", model.types[node]),
    span("hint", model.glance[node] || model.args[node] || model.differs[node].replace(INSIDE, "") || (model.heading[node] !== model.types[node] && model.heading[node])),
  ];
}

/** The part of the total that a row adds; less than what it holds where an earlier row holds it too. */
export const share = (model: Model, node: number): number => model.counted[node] / model.counted[0] || 0;

function numbers(model: Model, node: number): HTMLElement[] {
  const params = model.params[node];
  const times = model.count[node];
  const text = params < 0 ? "?" : params ? short(params) + (model.partial[node] ? "+" : "") : "";
  const elsewhere = params > 0 && !model.counted[node];
  return [
    ...badges(model.badges[node]),
    span(elsewhere ? "count dim" : "count", times > 1 && params > 0 && span("dim", `${times} × `), elsewhere ? `(${text})` : text),
    span(params ? "share" : "", span({ class: "fill", style: `width:${share(model, node) * 100}%` })),
  ];
}
