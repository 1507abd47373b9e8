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

export const pathOf = (model: Model, node: number): string => above(model, node).map((n) => model.segment[n]).join(".");

/** The path of the first module that a row stands for: always valid for `get_submodule`. */
export const firstPath = (model: Model, node: number): string =>
  above(model, node)
    .map((n) => {
      const r = run(model.segment[n]);
      return r ? r.prefix + r.first : model.segment[n];
    })
    .join(".");

export function matches(segment: string, name: string): boolean {
  if (segment === name) return true;
  const r = run(segment);
  if (!r || !name.startsWith(r.prefix)) return false;
  const digits = name.slice(r.prefix.length);
  const number = +digits;
  return /^\d+$/.test(digits) && number >= r.first && number <= r.last && (number - r.first) % r.step === 0;
}

/** The row that a path, folded or of a single module, leads to; -1 where it leads nowhere. */
export function resolve(model: Model, path: string): number {
  let node = 0;
  for (const name of path ? path.split(".") : []) {
    node = children(model, node).find((child) => matches(model.segment[child], name)) ?? -1;
    if (node < 0) return -1;
  }
  return node;
}
