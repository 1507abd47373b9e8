/** The tooltip: after a short while on hover and on focus, at once when moving on; it can be moved onto; Escape closes it. */

import { card } from "./card";
import { h, set } from "./dom";
import type { Model } from "./types";

const DELAY = 250;
const GRACE = 220;
const EDGE = 8;

let tips = 0;

export class Tooltip {
  readonly element = set(h("div", "tip"), { role: "tooltip", id: `tip-${++tips}`, popover: "manual" });
  private node = -1;
  private anchor: HTMLElement | null = null;
  private timer = 0;
  private hiddenAt = -Infinity;

  constructor(private readonly model: Model) {
    this.element.hidden = true;
    this.element.onpointerenter = () => clearTimeout(this.timer);
    this.element.onpointerleave = () => this.leave();
  }

  get shown(): boolean {
    return this.node >= 0;
  }

  /** The pointer or the focus is on a row. `x` is the pointer's, so that the rows below stay within reach. */
  enter(node: number, anchor: HTMLElement, x: number): void {
    clearTimeout(this.timer);
    if (node === this.node && anchor === this.anchor) return;
    const soon = this.shown || performance.now() - this.hiddenAt < 300;
    this.timer = setTimeout(() => this.show(node, anchor, x), soon ? 0 : DELAY);
  }

  leave(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.hide(), GRACE);
  }

  hide(): void {
    clearTimeout(this.timer);
    if (!this.shown) return;
    this.hiddenAt = performance.now();
    this.node = -1;
    this.anchor?.removeAttribute("aria-describedby");
    this.anchor = null;
    this.element.hidePopover?.();
    this.element.hidden = true;
  }

  private show(node: number, anchor: HTMLElement, x: number): void {
    if (!anchor.isConnected) return;
    this.anchor?.removeAttribute("aria-describedby");
    this.node = node;
    this.anchor = anchor;
    set(anchor, { "aria-describedby": this.element.id });
    this.element.replaceChildren(card(this.model, node, false));
    this.element.hidden = false;
    // The top layer, where there is one: nothing that the host clips or contains cuts it off.
    if (!this.element.matches(":popover-open")) this.element.showPopover?.();
    this.place(anchor.getBoundingClientRect(), x);
  }

  private place(row: DOMRect, x: number): void {
    const { style } = this.element;
    style.left = style.top = "0";
    const { width, height } = this.element.getBoundingClientRect();
    const right = x + 14;
    const left = right + width <= innerWidth - EDGE ? right : Math.max(EDGE, Math.min(x - 14 - width, innerWidth - width - EDGE));
    const below = row.bottom + 4;
    const top = below + height <= innerHeight - EDGE ? below : Math.max(EDGE, row.top - 4 - height);
    style.left = `${left}px`;
    style.top = `${top}px`;
  }
}
