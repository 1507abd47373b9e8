/** A scroller that holds only the rows that can be seen, and one that must stay (that with the focus). */

import { div, later } from "./dom";

/** How many rows are drawn out of sight, above and below. */
const SPARE = 12;

export interface Windowed {
  /** Draws anew, since what the rows are has changed. */
  reset(count: number): void;
  draw(): void;
  row(at: number): HTMLElement | undefined;
  each(visit: (element: HTMLElement, row: number) => void): void;
  /** Scrolls as little as needed for a row to be seen. */
  show(row: number): void;
}

export interface Options {
  rowHeight: number;
  make(row: number): HTMLElement;
  /** The row that is drawn even out of sight. */
  kept?(): number;
  /** Up to so many rows all are drawn, so that the browser's own search finds them. */
  whole?: number;
  /** How high it is at most when it is first painted. Until then only what that shows is drawn. */
  height: number;
}

export function windowed(scroller: HTMLElement, { rowHeight, make, kept = () => -1, whole = 0, height }: Options): Windowed {
  const body = div("rows");
  const made = new Map<number, HTMLElement>();
  let count = 0;
  let spare = 0;
  /** Kept, as to ask for it costs a layout of the page. */
  let top = 0;

  const draw = (): void => {
    const all = spare && count <= whole;
    const first = all ? 0 : Math.max(0, Math.floor(top / rowHeight) - spare);
    const last = Math.min(count, all ? count : Math.ceil((top + height) / rowHeight) + spare);
    const stays = kept();
    for (const [row, element] of made) {
      if ((row >= first && row < last) || row === stays) continue;
      element.remove();
      made.delete(row);
    }
    const fresh: HTMLElement[] = [];
    const ensure = (row: number): void => {
      if (made.has(row)) return;
      const element = make(row);
      element.style.top = `${row * rowHeight}px`;
      made.set(row, element);
      fresh.push(element);
    };
    for (let row = first; row < last; row++) ensure(row);
    if (stays >= 0) ensure(stays);
    body.append(...fresh);
  };

  const look = (): void => {
    top = scroller.scrollTop;
    draw();
  };

  scroller.append(body);
  scroller.onscroll = look;
  // It cannot be measured before it is shown, and keeps neither its size nor, taken out of the page, where it was scrolled to.
  new ResizeObserver(() => {
    height = scroller.clientHeight;
    look();
  }).observe(scroller);
  later(() => {
    spare = SPARE;
    draw();
  });
  return {
    draw,
    reset(rows) {
      count = rows;
      body.style.height = `${count * rowHeight}px`;
      const hadFocus = body.matches(":focus-within");
      body.replaceChildren();
      made.clear();
      draw();
      if (hadFocus) made.get(kept())?.focus();
    },
    row: (at) => made.get(at),
    each: (visit) => made.forEach(visit),
    show(row) {
      const { clientHeight, scrollTop } = scroller;
      const least = (row + 2) * rowHeight - clientHeight;
      if (clientHeight) scroller.scrollTop = Math.min(Math.max(scrollTop, least), (row - 1) * rowHeight);
      if (scroller.scrollTop !== scrollTop) look();
    },
  };
}
