/** From the tree and what is open to the rows on the screen. Plain loops over columns: 100,000 rows take a few milliseconds. */

import type { Model } from "./types";

export type Open = Uint8Array;

/** Which rows are shown at all, how many children each then has, and which of its siblings it is. */
export interface Shown {
  /** null: all. */
  keep: Uint8Array | null;
  kids: number[];
  position: number[];
}

export function initialOpen(model: Model): Open {
  return Uint8Array.from(model.startsOpen);
}

/** The rows of a kind and those that they are in; all for "". */
export function ofKind(model: Model, kind: string): Shown {
  if (!kind) return { keep: null, kids: model.kids, position: model.position };
  const keep = new Uint8Array(model.total);
  const kids: number[] = [];
  const position: number[] = [];
  for (let node = 0; node < model.total; node++) {
    if (model.kind[node] !== kind) continue;
    for (let up = node; up >= 0 && !keep[up]; up = model.parent[up]) keep[up] = 1;
  }
  keep.forEach((kept, node) => {
    const up = model.parent[node];
    if (kept) position[node] = kids[up] = (kids[up] ?? 0) + 1;
  });
  return { keep, kids, position };
}

/** The visible nodes in order, skipping what is closed or not kept. */
export function flatten(model: Model, open: Open, keep: Uint8Array | null): Int32Array {
  const rows = new Int32Array(model.total);
  let length = 0;
  for (let node = 0; node < model.total; ) {
    const kept = !keep || keep[node];
    if (kept) rows[length++] = node;
    node = kept && open[node] ? node + 1 : model.end[node];
  }
  return rows.subarray(0, length);
}

/** What stands at a place in a list, or at the end of it that is nearer. */
export const nearest = <T>(list: ArrayLike<T>, at: number): T => list[Math.max(0, Math.min(list.length - 1, at))];

/** Where a number stands among sorted ones, -1 where it does not. */
export function indexIn(sorted: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === value ? low : -1;
}

/** Where a node stands among the rows, or where what it is folded in does. */
export function rowOf(model: Model, open: Open, rows: Int32Array, node: number): number {
  let seen = node;
  for (let up = model.parent[node]; up >= 0; up = model.parent[up]) if (!open[up]) seen = up;
  return indexIn(rows, seen);
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
