/** What the page holds: open rows, the active row, what is lit, the search, the filter, the level. Only the selection is shared, through the link. */

import { change, typeAhead } from "./keys";
import { flatten, initialOpen, ofKind, reveal, type Open, type Shown } from "./rows";
import { haystack, search } from "./search";
import type { Model } from "./types";

/** What changed. */
export const enum Topic {
  Rows,
  Active,
  Chosen,
  Lit,
  Found,
  Level,
}
export type Origin = "tree" | "print" | "story" | "";

export interface State {
  readonly model: Model;
  readonly open: Open;
  shown: Shown;
  rows: Int32Array;
  active: number;
  /** -1: nothing. */
  chosen: number;
  lights: readonly number[];
  origin: Origin;
  query: string;
  hits: number[];
  place: number;
  /** The kind that is filtered by, "" for none. */
  only: string;
  /** The level that is told. */
  level: string;
  listen(listener: (topic: Topic) => void): void;
  flip(node: number): void;
  /** Opens so many levels and closes the rest. */
  unfold(levels: number): void;
  /** Makes a node the active row, opening what it is in. */
  go(node: number): void;
  choose(node: number): void;
  light(nodes: readonly number[], from: Origin): void;
  seek(query: string): void;
  /** To the next hit or the one before, round the ends. */
  step(by: number): void;
  /** Shows the rows of one kind only, and those that they are in. */
  narrow(kind: string): void;
  tell(level: string): void;
  /** Applies a key of the tree; false where the key is not one. */
  press(key: string): boolean;
  typed(text: string): void;
}

export function createState(model: Model): State {
  const open = initialOpen(model);
  const listeners: ((topic: Topic) => void)[] = [];
  let texts: string[] | null = null;
  /** What was open before rows were filtered. */
  let before: Open | null = null;
  const say = (topic: Topic): void => listeners.forEach((listener) => listener(topic));
  const changed = (): void => {
    state.rows = flatten(model, open, state.shown.keep);
    say(Topic.Rows);
  };
  /** The active row must stay one that can be seen. */
  const rise = (seen: (node: number) => unknown): void => {
    while (state.active > 0 && !seen(state.active)) state.active = model.parent[state.active];
  };
  const find = (): void => {
    const { keep } = state.shown;
    state.hits = search(model, (texts ??= state.query ? haystack(model) : null) ?? [], state.query).filter((node) => !keep || model.kind[node] === state.only);
    state.place = -1;
  };
  const shown = ofKind(model, "");
  const state: State = {
    model,
    open,
    shown,
    rows: flatten(model, open, null),
    active: 0,
    chosen: -1,
    lights: [],
    origin: "",
    query: "",
    hits: [],
    place: -1,
    only: "",
    level: model.level,
    listen: (listener) => void listeners.push(listener),
    flip(node) {
      open[node] ^= 1;
      rise((at) => open[node] || at <= node || at >= model.end[node]);
      changed();
    },
    unfold(levels) {
      model.depth.forEach((depth, node) => (open[node] = +(depth < levels)));
      rise((at) => model.depth[at] <= levels);
      changed();
    },
    go(node) {
      if (state.shown.keep && !state.shown.keep[node]) state.narrow("");
      state.active = node;
      if (reveal(model, open, node)) changed();
      say(Topic.Active);
    },
    choose(node) {
      state.chosen = node;
      if (node >= 0) state.go(node);
      say(Topic.Chosen);
    },
    light(nodes, from) {
      if (from === state.origin && String(nodes) === String(state.lights)) return;
      state.lights = nodes;
      state.origin = from;
      say(Topic.Lit);
    },
    seek(query) {
      state.query = query;
      find();
      if (state.hits.length) state.step(1);
      else say(Topic.Found);
    },
    step(by) {
      const { length } = state.hits;
      if (!length) return;
      state.place = state.place < 0 ? 0 : (state.place + by + length) % length;
      state.go(state.hits[state.place]);
      say(Topic.Found);
    },
    narrow(kind) {
      state.only = kind;
      const { keep } = (state.shown = ofKind(model, kind));
      before ??= open.slice();
      open.set(keep ?? before);
      if (!keep) before = null;
      rise((at) => !keep || keep[at]);
      find();
      changed();
      say(Topic.Found);
    },
    tell(level) {
      state.level = level;
      say(Topic.Level);
    },
    press(key) {
      const done = change(key, state);
      if (!done) return false;
      for (const node of done.open ?? []) open[node] = 1;
      for (const node of done.close ?? []) open[node] = 0;
      if (done.open || done.close) changed();
      if (done.active !== undefined) state.go(done.active);
      if (done.chosen) state.choose(state.active);
      return true;
    },
    typed(text) {
      const node = typeAhead(state, text);
      if (node >= 0) state.go(node);
    },
  };
  return state;
}
