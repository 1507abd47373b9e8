/** Paths into the folded tree: `h.[0-11].attn` is a run, `h.3.attn` one module of it. */

import { children } from "./rows";
import type { Model } from "./types";

const RUN = /^(.*)\[(\d+)-(\d+)(?::(\d+))?\]$/;

export interface Run {
  prefix: string;
  first: number;
  last: number;
  step: number;
}

export function run(segment: string): Run | null {
  const match = RUN.exec(segment);
  return match && { prefix: match[1], first: +match[2], last: +match[3], step: +(match[4] ?? 1) };
}

/** From the root down, without the root. */
export function above(model: Model, node: number): number[] {
  const found: number[] = [];
  for (; node > 0; node = model.parent[node]) found.push(node);
  return found.reverse();
}

function joined(model: Model, node: number, text: (segment: string) => string): string {
  if (model.base) return joined(model.base, model.nodeAt![node], text);
  return above(model, node).map((n) => text(model.segment[n])).join(".");
}

export const pathOf = (model: Model, node: number): string => joined(model, node, (segment) => segment);

/** The path of the first module that a row stands for: always valid for `get_submodule`. */
export const firstPath = (model: Model, node: number): string =>
  joined(model, node, (segment) => {
    const r = run(segment);
    return r ? r.prefix + r.first : segment;
  });

/** Whether a row stands for a child of that name, or for a run that begins with one of its own. */
export function stands({ segment, breadth }: Model, node: number, name: string): boolean {
  if (segment[node] === name) return true;
  const r = run(segment[node]);
  const asked = breadth[node] > 1 ? run(name) : null;
  const text = asked ? asked.prefix + asked.first : name;
  if (!r || !text.startsWith(r.prefix)) return false;
  const digits = text.slice(r.prefix.length);
  const from = +digits - r.first;
  return /^\d+$/.test(digits) && from >= 0 && +digits < r.last + breadth[node] && from % r.step < breadth[node];
}

/** The row that a path, folded or of a single module, leads to; -1 where it leads nowhere. */
export function resolve(model: Model, path: string): number {
  if (model.base) return model.rowAt![resolve(model.base, path)] ?? -1;
  let node = 0;
  for (const name of path ? path.split(".") : []) {
    node = children(model, node).find((child) => stands(model, child, name)) ?? -1;
    if (node < 0) return -1;
  }
  return node;
}
