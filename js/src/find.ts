/** The search box: how many, which one, next and previous. */

import { button, div, h, icon, mark, span, taken } from "./dom";
import { Topic, type State } from "./state";

export function findBox(state: State): HTMLElement {
  const onkeydown = (event: KeyboardEvent): void => {
    if (event.key === "Enter") state.step(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape" && input.value) state.seek((input.value = ""));
    else return;
    taken(event);
  };
  const label = "Find a name, type or number";
  const input: HTMLInputElement = h("input", { placeholder: label, "aria-label": label, spellcheck: false, oninput: () => state.seek(input.value.trim()), onkeydown });
  const count = span({ role: "status" });
  const box = div("find", icon("find"), input, count, button("Previous", "up", () => state.step(-1)), button("Next", "down", () => state.step(1)));
  state.listen((topic) => {
    if (topic !== Topic.Found) return;
    const { length } = state.hits;
    count.textContent = !state.query ? "" : length ? `${state.place + 1} of ${length}` : "none";
    mark(box, { busy: length > 0 });
  });
  return box;
}
