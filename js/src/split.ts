/** Dividers: dragged, or moved with the arrow keys. How small and large things may become is the styles' business. */

import { h, set, taken } from "./dom";

/** Changes the width or height of `target`. */
export function divider(label: string, wide: boolean, target: HTMLElement, changed = (_: string): void => undefined): HTMLElement {
  const side = wide ? "width" : "height";
  const move = (to: number): void => {
    target.style[side] = `${to}px`;
    changed(`${to}px`);
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
    const step = (wide ? ["ArrowLeft", "", "ArrowRight"] : ["ArrowUp", "", "ArrowDown"]).indexOf(event.key) - 1;
    if (step === -2 || !step) return;
    move(now() + step * 16);
    taken(event);
  };
  const element: HTMLElement = h("div", { class: `divider ${side}`, role: "separator", tabindex: 0, "aria-label": label, "aria-orientation": wide ? "vertical" : "horizontal", "aria-valuenow": 0, onpointerdown, onkeydown });
  return element;
}
