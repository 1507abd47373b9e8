/** What the page holds: open rows, the active row, what is lit, the search. Only the selection is shared, through the link. */

import { change, typeAhead } from "./keys";
import { flatten, initialOpen, reveal, type Open } from "./rows";
import { haystack, search } from "./search";
import type { Model } from "./types";

/** What changed. */
export const enum Topic {
  Rows,
  Active,
  Chosen,
  Lit,
  Found,
}
export type Origin = "tree" | "print" | "story" | "";

export interface State {
  readonly model: Model;
  readonly open: Open;
  rows: Int32Array;
  active: number;
  /** -1: nothing. */
  chosen: number;
  lights: readonly number[];
  origin: Origin;
  query: string;
  hits: number[];
  place: number;
  listen(listener: (topic: Topic) => void): void;
  flip(node: number): void;
  unfold(all: boolean): void;
  /** Makes a node the active row, opening what it is in. */
  go(node: number): void;
  choose(node: number): void;
  light(nodes: readonly number[], from: Origin): void;
  seek(query: string): void;
  /** To the next hit or the one before, round the ends. */
  step(by: number): void;
  /** Applies a key of the tree; false where the key is not one. */
  press(key: string): boolean;
  typed(text: string): void;
}

export function createState(model: Model): State {
  const open = initialOpen(model);
  const listeners: ((topic: Topic) => void)[] = [];
  let texts: string[] | null = null;
  const tell = (topic: Topic): void => listeners.forEach((listener) => listener(topic));
  const changed = (): void => {
    state.rows = flatten(model, open);
    tell(Topic.Rows);
  };
  const state: State = {
    model,
    open,
    rows: flatten(model, open),
    active: 0,
    chosen: -1,
    lights: [],
    origin: "",
    query: "",
    hits: [],
    place: -1,
    listen: (listener) => void listeners.push(listener),
    flip(node) {
      open[node] ^= 1;
      // The active row must stay one that can be seen.
      if (!open[node] && state.active > node && state.active < model.end[node]) state.active = node;
      changed();
    },
    unfold(all) {
      open.fill(+all);
      open[0] = 1;
      while (!all && model.depth[state.active] > 1) state.active = model.parent[state.active];
      changed();
    },
    go(node) {
      state.active = node;
      if (reveal(model, open, node)) changed();
      tell(Topic.Active);
    },
    choose(node) {
      state.chosen = node;
      if (node >= 0) state.go(node);
      tell(Topic.Chosen);
    },
    light(nodes, from) {
      if (from === state.origin && String(nodes) === String(state.lights)) return;
      state.lights = nodes;
      state.origin = from;
      tell(Topic.Lit);
    },
    seek(query) {
      state.query = query;
      state.hits = search(model, (texts ??= haystack(model)), query);
      state.place = -1;
      if (state.hits.length) state.step(1);
      else tell(Topic.Found);
    },
    step(by) {
      const { length } = state.hits;
      if (!length) return;
      state.place = state.place < 0 ? 0 : (state.place + by + length) % length;
      state.go(state.hits[state.place]);
      tell(Topic.Found);
    },
    press(key) {
      const done = change(key, state);
      if (!done) return false;
      for (const node of done.open ?? []) open[node] = 1;
      for (const node of done.close ?? []) open[node] = 0;
      if (done.open || done.close) changed();
      if (done.active !== undefined) state.go(done.active);
      if (done.select) state.choose(state.active);
      return true;
    },
    typed(text) {
      const node = typeAhead(state, text);
      if (node >= 0) state.go(node);
    },
  };
  return state;
}
