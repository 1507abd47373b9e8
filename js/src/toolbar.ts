/** The bar above the panes: what is shown of the panes, search, filter by kind, levels, export. */

import { button, choice, div, set, span } from "./dom";
import { findBox } from "./find";
import { kindName, letterOf } from "./kinds";
import { Topic, type State } from "./state";

/** Buttons that show or hide the panes, of which one always stays. */
function toggles(panes: HTMLElement[], then: () => void): HTMLElement[] {
  const names = ["left", "right"] as const;
  const flip = (at: number): void => {
    panes[at].hidden = !panes[at].hidden;
    if (panes[at].hidden) panes[1 - at].hidden = false;
    buttons.forEach((element, n) => set(element, { "aria-pressed": !panes[n].hidden }));
    then();
  };
  const buttons = names.map((name, at) => set(button(`Show ${at ? "tree" : "print"}`, name, () => flip(at)), { "aria-pressed": true }));
  return buttons;
}

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
  const numbers = Array.from({ length: Math.min(deepest, 30) }, (_, at) => [`${at + 1}`, `Level ${at + 1}`] as const);
  const element = choice("Open levels", [["", "Levels"], ...numbers], (value) => {
    state.unfold(+value || 1);
    element.value = value;
  });
  state.listen((topic) => topic === Topic.Rows && (element.value = ""));
  return element;
}

export function toolbar(state: State, panes: HTMLElement[], menu: HTMLElement, sized: () => void, reorder: () => void): HTMLElement {
  return div(
    "bar",
    ...toggles(panes, sized),
    findBox(state),
    span("gap"),
    kinds(state),
    levels(state),
    !!state.model.pass?.node.length && set(button("Order of execution", "flow", reorder), { "aria-pressed": !!state.model.base }),
    button("Expand all", "expand", () => state.unfold(Infinity)),
    button("Collapse all", "collapse", () => state.unfold(1)),
    menu,
  );
}
