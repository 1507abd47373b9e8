/** The search box: how many, which one, next and previous. */

import { button, h, icon, set } from "./dom";
import type { State } from "./state";

export function findBox(state: State): HTMLElement {
  const input = set(h("input", ""), { type: "text", placeholder: "Find a name, type or number", "aria-label": "Find", spellcheck: false, autocomplete: "off" });
  const count = set(h("span", "found"), { "aria-live": "polite" });
  const previous = button("Previous", "up", () => state.step(-1));
  const next = button("Next", "down", () => state.step(1));
  const box = set(h("div", "find", icon("find"), input, count, previous, next), { role: "search" });
  input.oninput = () => state.find(input.value.trim());
  input.onkeydown = (event) => {
    // The host must not act on what is typed here.
    event.stopPropagation();
    if (event.key === "Enter") state.step(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape" && input.value) state.find((input.value = ""));
    else return;
    event.preventDefault();
  };
  const draw = (): void => {
    const { length } = state.hits;
    count.textContent = !state.query ? "" : length ? `${state.hit + 1} of ${length}` : "none";
    box.classList.toggle("busy", !!state.query);
    previous.disabled = next.disabled = !length;
  };
  state.on((topic) => topic === "search" && draw());
  draw();
  return box;
}
