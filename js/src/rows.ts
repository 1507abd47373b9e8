/** From the tree and what is open to the rows on the screen. Plain loops over columns: 100,000 rows take a few milliseconds. */

import type { Model } from "./types";

export type Open = Uint8Array;

export function initialOpen(model: Model): Open {
  return Uint8Array.from(model.startsOpen);
}

export const hasChildren = (model: Model, node: number): boolean => model.end[node] > node + 1;

/** The visible nodes in order, skipping what is closed. */
export function flatten(model: Model, open: Open): Int32Array {
  const rows = new Int32Array(model.total);
  let length = 0;
  for (let node = 0; node < model.total; node = open[node] ? node + 1 : model.end[node]) rows[length++] = node;
  return rows.subarray(0, length);
}

/** Where a node stands among the rows, or where what it is folded in does. */
export function rowOf(model: Model, open: Open, rows: Int32Array, node: number): number {
  let seen = node;
  for (let up = model.parent[node]; up >= 0; up = model.parent[up]) if (!open[up]) seen = up;
  return rows.indexOf(seen);
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
