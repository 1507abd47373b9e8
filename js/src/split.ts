/** Dividers: dragged, or moved with the arrow keys. How small and large things may become is the styles' business. */

import { div, set, taken } from "./dom";

/** Changes the width or height of `target`. */
export function divider(label: string, wide: boolean, target: HTMLElement): HTMLElement {
  const side = wide ? "width" : "height";
  const move = (to: number): void => {
    target.style[side] = `${to}px`;
    target.style.maxHeight = "none";
    set(element, { "aria-valuenow": Math.round(to) });
  };
  const now = (): number => target.getBoundingClientRect()[side];
  const onpointerdown = (event: PointerEvent): void => {
    const place = wide ? "clientX" : "clientY";
    const from = now() - event[place];
    element.setPointerCapture(event.pointerId);
    element.onpointermove = (e) => move(from + e[place]);
    element.onpointerup = element.onpointercancel = () => (element.onpointermove = null);
    event.preventDefault();
  };
  const onkeydown = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -16, ArrowUp: -16, ArrowRight: 16, ArrowDown: 16 }[event.key];
    if (!step) return;
    move(now() + step);
    taken(event);
  };
  const element: HTMLElement = div({ class: `divider ${side}`, role: "separator", tabindex: 0, "aria-label": label, "aria-orientation": wide ? "vertical" : "horizontal", "aria-valuenow": 0, onpointerdown, onkeydown });
  return element;
}
