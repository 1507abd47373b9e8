/** The tooltip: after a short while on hover and on focus, at once when moving on; it can be moved onto; Escape closes it. */

import { card } from "./card";
import { div, set } from "./dom";
import type { Model } from "./types";

const DELAY = 250;
const GRACE = 220;
const EDGE = 8;
const GAP = 14;

let made = 0;

export interface Tooltip {
  element: HTMLElement;
  /** The pointer or the focus is on a row. `x` is the pointer's, so that the rows below stay within its reach. */
  enter(node: number, anchor: HTMLElement, x: number): void;
  leave(): void;
  /** Tells whether it was shown. */
  hide(): boolean;
}

export function tooltip(model: Model): Tooltip {
  let anchor: HTMLElement | null = null;
  let timer: ReturnType<typeof setTimeout>;
  let hiddenAt = 0;
  const wait = (then: () => unknown, delay: number): void => {
    clearTimeout(timer);
    timer = setTimeout(then, delay);
  };
  const leave = (): void => wait(hide, GRACE);
  const id = `tip-${++made}`;
  const element = div({ class: "tip", role: "tooltip", id, popover: "manual", onpointerenter: () => clearTimeout(timer), onpointerleave: leave });
  const describe = (by: string | null): void => void (anchor && set(anchor, { "aria-describedby": by }));

  const hide = (): boolean => {
    clearTimeout(timer);
    if (!anchor) return false;
    describe(null);
    anchor = null;
    hiddenAt = performance.now();
    element.hidePopover();
    return true;
  };
  const show = (node: number, on: HTMLElement, x: number): void => {
    if (!on.isConnected) return;
    describe(null);
    anchor = on;
    describe(id);
    element.replaceChildren(card(model, node));
    // The top layer: nothing that the host clips or contains cuts it off.
    element.showPopover();
    const row = on.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = element;
    const left = x + GAP + width + EDGE > innerWidth ? Math.max(EDGE, Math.min(x - GAP - width, innerWidth - width - EDGE)) : x + GAP;
    const top = row.bottom + 4 + height + EDGE > innerHeight ? Math.max(EDGE, row.top - 4 - height) : row.bottom + 4;
    element.style.cssText = `left:${left}px;top:${top}px`;
  };
  return {
    element,
    leave,
    hide,
    enter(node, on, x) {
      if (on === anchor) return clearTimeout(timer);
      wait(() => show(node, on, x), anchor || performance.now() - hiddenAt < 300 ? 0 : DELAY);
    },
  };
}
