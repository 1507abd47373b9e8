/** The bar above the panes: what is shown of the panes, search, filter by kind, levels, export. */

import { button, choice, h, icon, set } from "./dom";
import { findBox } from "./find";
import { kindName, letterOf } from "./kinds";
import { Topic, type State } from "./state";

/** A button that shows or hides a pane. The last pane that is shown stays. */
function toggle(name: string, side: "left" | "right", pane: HTMLElement, other: () => HTMLElement, then: () => void): HTMLElement {
  const flip = (): void => {
    pane.hidden = !pane.hidden;
    if (pane.hidden && other().hidden) buttons.get(other())?.click();
    set(element, { "aria-pressed": !pane.hidden });
    then();
  };
  const element = h("button", { class: "b", title: `Show ${name}`, "aria-pressed": true, onclick: flip }, icon(side));
  buttons.set(pane, element);
  return element;
}
const buttons = new WeakMap<HTMLElement, HTMLElement>();

function kinds(state: State): HTMLElement {
  const { model } = state;
  const counts = new Map<string, number>();
  model.kind.forEach((kind) => counts.set(kind, (counts.get(kind) ?? 0) + 1));
  const options = [...counts].sort((a, b) => b[1] - a[1]).map(([kind, rows]) => [kind, `${letterOf(kind)} ${kindName(kind)} (${rows})`] as const);
  const element = choice("Filter by kind", [["", "All kinds"], ...options], state.narrow);
  state.listen((topic) => topic === Topic.Found && (element.value = state.only));
  return element;
}

function levels(state: State): HTMLElement {
  const deepest = state.model.depth.reduce((most, depth) => Math.max(most, depth), 0);
  const numbers = Array.from({ length: Math.min(deepest, 30) }, (_, at) => [`${at + 1}`, `${at + 1} level${at ? "s" : ""}`] as const);
  const element = choice("Open so many levels", [["", "Levels"], ...numbers], (value) => {
    state.unfold(+value || 1);
    element.value = value;
  });
  state.listen((topic) => topic === Topic.Rows && (element.value = ""));
  return element;
}

export function toolbar(state: State, left: HTMLElement, right: HTMLElement, menu: HTMLElement, sized: () => void): HTMLElement {
  return h(
    "div",
    { class: "bar", role: "toolbar", "aria-label": "Model" },
    toggle("print", "left", left, () => right, sized),
    toggle("tree", "right", right, () => left, sized),
    findBox(state),
    h("span", "gap"),
    kinds(state),
    levels(state),
    button("Expand all", "expand", () => state.unfold(Infinity)),
    button("Collapse all", "collapse", () => state.unfold(1)),
    menu,
  );
}
