/** From the tree and what is open to the rows on the screen. Plain loops over columns: 100,000 rows take a few milliseconds. */

import type { Model } from "./types";

export type Open = Uint8Array;

export function initialOpen(model: Model): Open {
  return Uint8Array.from(model.startsOpen, Number);
}

export const hasChildren = (model: Model, node: number): boolean => model.end[node] > node + 1;

/** The visible nodes in order, skipping what is closed. */
export function flatten(model: Model, open: Open): Int32Array {
  const rows = new Int32Array(model.total);
  let length = 0;
  for (let node = 0; node < model.total; node = open[node] ? node + 1 : model.end[node]) rows[length++] = node;
  return rows.subarray(0, length);
}

/** Where a node stands among the rows, or where the nearest visible one above it does. Rows ascend, so this is a binary search. */
export function rowOf(model: Model, rows: Int32Array, node: number): number {
  for (; node >= 0; node = model.parent[node]) {
    let low = 0;
    let high = rows.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (rows[middle] === node) return middle;
      if (rows[middle] < node) low = middle + 1;
      else high = middle - 1;
    }
  }
  return -1;
}

export function children(model: Model, node: number): number[] {
  const found: number[] = [];
  for (let child = node + 1; child < model.end[node]; child = model.end[child]) found.push(child);
  return found;
}

/** Opens everything above a node. Tells whether that changed anything. */
export function reveal(model: Model, open: Open, node: number): boolean {
  let changed = false;
  for (let above = model.parent[node]; above >= 0; above = model.parent[above]) {
    if (!open[above]) changed = !!(open[above] = 1);
  }
  return changed;
}

export function openAll(model: Model, open: Open): void {
  for (let node = 0; node < model.total; node++) open[node] = hasChildren(model, node) ? 1 : 0;
}

/** Closes everything but the root. */
export function closeAll(open: Open): void {
  open.fill(0);
  open[0] = 1;
}
