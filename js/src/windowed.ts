/** A scroller that holds only the rows that can be seen, and those that must stay (the one with the focus). */

import { h } from "./dom";

const SPARE = 12;

export class Windowed {
  readonly body = h("div", "rows");
  private readonly made = new Map<number, HTMLElement>();
  private count = 0;

  constructor(
    readonly scroller: HTMLElement,
    readonly rowHeight: number,
    private readonly make: (row: number) => HTMLElement,
    private readonly kept: () => number = () => -1,
    /** Up to so many rows all are drawn, so that the browser's own search finds them. */
    private readonly whole = 0,
  ) {
    scroller.append(this.body);
    scroller.addEventListener("scroll", () => this.draw(), { passive: true });
    // Not measurable before it is shown, and not of one size for good.
    new ResizeObserver(() => this.draw()).observe(scroller);
  }

  /** Draws anew, since what the rows are has changed. */
  reset(count: number): void {
    this.count = count;
    this.body.style.height = `${count * this.rowHeight}px`;
    const focused = (this.body.getRootNode() as ShadowRoot).activeElement;
    const hadFocus = !!focused && this.body.contains(focused);
    for (const element of this.made.values()) element.remove();
    this.made.clear();
    this.draw();
    if (hadFocus) this.row(this.kept())?.focus({ preventScroll: true });
  }

  row(at: number): HTMLElement | undefined {
    return this.made.get(at);
  }

  get page(): number {
    return Math.max(1, Math.floor(this.scroller.clientHeight / this.rowHeight) - 1);
  }

  each(visit: (element: HTMLElement, row: number) => void): void {
    this.made.forEach(visit);
  }

  draw(): void {
    const all = this.count <= this.whole;
    const height = this.scroller.clientHeight || 600;
    const first = all ? 0 : Math.max(0, Math.floor(this.scroller.scrollTop / this.rowHeight) - SPARE);
    const last = all ? this.count : Math.min(this.count, Math.ceil((this.scroller.scrollTop + height) / this.rowHeight) + SPARE);
    const kept = this.kept();
    for (const [row, element] of this.made) {
      if ((row < first || row >= last) && row !== kept) {
        element.remove();
        this.made.delete(row);
      }
    }
    const fresh = document.createDocumentFragment();
    for (let row = first; row < last; row++) this.ensure(row, fresh);
    if (kept >= 0 && kept < this.count) this.ensure(kept, fresh);
    if (fresh.firstChild) this.body.append(fresh);
  }

  private ensure(row: number, into: DocumentFragment): void {
    if (this.made.has(row)) return;
    const element = this.make(row);
    element.style.top = `${row * this.rowHeight}px`;
    this.made.set(row, element);
    into.append(element);
  }

  /** Scrolls as little as needed for a row to be seen. */
  show(row: number, margin = 1): void {
    const { scroller, rowHeight } = this;
    const height = scroller.clientHeight;
    if (!height) return;
    const top = (row - margin) * rowHeight;
    const bottom = (row + 1 + margin) * rowHeight - height;
    if (scroller.scrollTop > top) scroller.scrollTop = top;
    else if (scroller.scrollTop < bottom) scroller.scrollTop = bottom;
    else return;
    this.draw();
  }
}
