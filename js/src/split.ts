/** Dividers: dragged, or moved with the arrow keys. */

import { h, set } from "./dom";

export function divider(
  label: string,
  vertical: boolean,
  measure: () => [value: number, least: number, most: number],
  apply: (value: number) => void,
): HTMLElement {
  const element = set(h("div", vertical ? "divider v" : "divider h"), {
    role: "separator",
    tabindex: 0,
    "aria-label": label,
    "aria-orientation": vertical ? "vertical" : "horizontal",
  });
  const move = (value: number): void => {
    const [, least, most] = measure();
    apply(Math.max(least, Math.min(most, value)));
    tell();
  };
  const tell = (): void => {
    const [value, least, most] = measure();
    set(element, { "aria-valuenow": most > least ? Math.round((100 * (value - least)) / (most - least)) : 50, "aria-valuemin": 0, "aria-valuemax": 100 });
  };
  set(element, { "aria-valuenow": 50, "aria-valuemin": 0, "aria-valuemax": 100 });
  element.onpointerdown = (event) => {
    if (event.button) return;
    event.preventDefault();
    element.setPointerCapture(event.pointerId);
    const start = vertical ? event.clientX : event.clientY;
    const from = measure()[0];
    element.onpointermove = (e) => move(from + (vertical ? e.clientX : e.clientY) - start);
    element.onpointerup = element.onpointercancel = () => (element.onpointermove = null);
  };
  element.onkeydown = (event) => {
    const step = vertical ? { ArrowLeft: -16, ArrowRight: 16 }[event.key] : { ArrowUp: -16, ArrowDown: 16 }[event.key];
    if (!step) return;
    move(measure()[0] + step);
    event.preventDefault();
    event.stopPropagation();
  };
  return element;
}
