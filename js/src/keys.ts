/** What a key does in the tree: the whole WAI-ARIA pattern, as a function from key and place to a change. */

import { children, nearest, rowOf, type Open, type Shown } from "./rows";
import type { Model } from "./types";

export interface Place {
  model: Model;
  open: Open;
  shown: Shown;
  rows: Int32Array;
  active: number;
}

export interface Change {
  active?: number;
  open?: number[];
  close?: number[];
  chosen?: boolean;
}

/** null: not a key of the tree, to be left to the host. */
export function change(key: string, { model, open, shown, rows, active }: Place): Change | null {
  const { kids } = shown;
  const row = rowOf(model, open, rows, active);
  const to = (at: number): Change => ({ active: nearest(rows, at) });
  const parent = kids[active];
  switch (key) {
    case "ArrowDown":
      return to(row + 1);
    case "ArrowUp":
      return to(row - 1);
    case "Home":
      return to(0);
    case "End":
      return to(rows.length - 1);
    case "ArrowRight":
      return !parent ? {} : open[active] ? to(row + 1) : { open: [active] };
    case "ArrowLeft":
      return parent && open[active] ? { close: [active] } : { active: Math.max(0, model.parent[active]) };
    case "Enter":
      return { chosen: true };
    case " ":
      return { chosen: true, ...(parent && (open[active] ? { close: [active] } : { open: [active] })) };
    case "*":
      return { open: model.parent[active] < 0 ? [active] : children(model, model.parent[active]).filter((n) => kids[n]) };
  }
  return null;
}

/** The next row, from the active one round to it again, whose name or type starts with what was typed; -1 for none. */
export function typeAhead({ model, open, rows, active }: Place, typed: string): number {
  const text = typed.toLowerCase();
  // A first letter moves on; what follows may still mean the same row.
  const start = rowOf(model, open, rows, active) + (text.length > 1 ? 0 : 1);
  for (let k = 0; k < rows.length; k++) {
    const node = rows[(start + k) % rows.length];
    if ([model.segment[node], model.types[node]].some((name) => name.toLowerCase().startsWith(text))) return node;
  }
  return -1;
}
