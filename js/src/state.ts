/** What the page holds: open rows, the active row, what is lit, the search. Only the selection is shared, through the link. */

import { change, typeAhead } from "./keys";
import { closeAll, flatten, initialOpen, openAll, reveal, type Open } from "./rows";
import { haystack, search } from "./search";
import type { Model } from "./types";

export type Topic = "rows" | "active" | "selected" | "lit" | "search";
export type Origin = "tree" | "print" | "story" | "";

export interface State {
  readonly model: Model;
  readonly open: Open;
  rows: Int32Array;
  active: number;
  /** -1: nothing. */
  selected: number;
  lit: readonly number[];
  from: Origin;
  query: string;
  hits: number[];
  hit: number;
  on(listener: (topic: Topic) => void): void;
  toggle(node: number): void;
  expand(all: boolean): void;
  /** Makes a node the active row, opening what it is in. */
  go(node: number): void;
  select(node: number): void;
  light(nodes: readonly number[], from: Origin): void;
  find(query: string): void;
  /** To the next hit or the one before, round the ends. */
  step(by: number): void;
  /** Applies a key of the tree; false where the key is not one. */
  press(key: string, page: number): boolean;
  type(text: string): void;
}

export function createState(model: Model): State {
  const open = initialOpen(model);
  const listeners: ((topic: Topic) => void)[] = [];
  let texts: string[] | null = null;
  const tell = (topic: Topic): void => listeners.forEach((listener) => listener(topic));
  const changed = (): void => {
    state.rows = flatten(model, open);
    tell("rows");
  };
  const state: State = {
    model,
    open,
    rows: flatten(model, open),
    active: 0,
    selected: -1,
    lit: [],
    from: "",
    query: "",
    hits: [],
    hit: -1,
    on: (listener) => void listeners.push(listener),
    toggle(node) {
      open[node] ^= 1;
      // The active row must stay one that can be seen.
      if (!open[node] && state.active > node && state.active < model.end[node]) state.active = node;
      changed();
    },
    expand(all) {
      if (all) openAll(model, open);
      else {
        closeAll(open);
        while (model.depth[state.active] > 1) state.active = model.parent[state.active];
      }
      changed();
    },
    go(node) {
      state.active = node;
      if (reveal(model, open, node)) changed();
      tell("active");
    },
    select(node) {
      state.selected = node;
      if (node >= 0) state.go(node);
      tell("selected");
    },
    light(nodes, from) {
      if (from === state.from && String(nodes) === String(state.lit)) return;
      state.lit = nodes;
      state.from = from;
      tell("lit");
    },
    find(query) {
      state.query = query;
      state.hits = search(model, (texts ??= haystack(model)), query);
      state.hit = -1;
      if (state.hits.length) state.step(1);
      else tell("search");
    },
    step(by) {
      const { length } = state.hits;
      if (!length) return;
      state.hit = state.hit < 0 ? 0 : (state.hit + by + length) % length;
      state.go(state.hits[state.hit]);
      tell("search");
    },
    press(key, page) {
      const done = change(key, { model, open, rows: state.rows, active: state.active, page });
      if (!done) return false;
      for (const node of done.open ?? []) open[node] = 1;
      for (const node of done.close ?? []) open[node] = 0;
      if (done.open || done.close) changed();
      if (done.active !== undefined) state.go(done.active);
      if (done.select) state.select(state.active);
      return true;
    },
    type(text) {
      const node = typeAhead(model, state.rows, state.active, text);
      if (node >= 0) state.go(node);
    },
  };
  return state;
}
