/** What the page holds: open rows, the active row, what is lit, the search. Only the selection is shared, through the link. */

import { change, typeAhead, type Change } from "./keys";
import { closeAll, flatten, initialOpen, openAll, reveal, type Open } from "./rows";
import { haystack, search } from "./search";
import type { Model } from "./types";

export type Topic = "rows" | "active" | "selected" | "lit" | "search";
export type Origin = "tree" | "print" | "story" | "";

export class State {
  readonly open: Open;
  rows: Int32Array;
  active = 0;
  /** -1: nothing. */
  selected = -1;
  lit: readonly number[] = [];
  litFrom: Origin = "";
  query = "";
  hits: number[] = [];
  hit = -1;

  private texts: string[] | null = null;
  private readonly listeners: ((topic: Topic) => void)[] = [];

  constructor(readonly model: Model) {
    this.open = initialOpen(model);
    this.rows = flatten(model, this.open);
  }

  on(listener: (topic: Topic) => void): void {
    this.listeners.push(listener);
  }

  private tell(...topics: Topic[]): void {
    for (const topic of topics) for (const listener of this.listeners) listener(topic);
  }

  private changed(): void {
    this.rows = flatten(this.model, this.open);
    this.tell("rows");
  }

  toggle(node: number): void {
    this.open[node] = this.open[node] ? 0 : 1;
    // The active row must stay one that can be seen.
    if (!this.open[node] && this.active > node && this.active < this.model.end[node]) this.active = node;
    this.changed();
  }

  expand(all: boolean): void {
    if (all) openAll(this.model, this.open);
    else {
      closeAll(this.open);
      while (this.model.depth[this.active] > 1) this.active = this.model.parent[this.active];
    }
    this.changed();
  }

  /** Makes a node the active row, opening what it is in. */
  go(node: number): void {
    this.active = node;
    if (reveal(this.model, this.open, node)) this.changed();
    this.tell("active");
  }

  select(node: number): void {
    this.selected = node;
    if (node >= 0) this.go(node);
    this.tell("selected");
  }

  light(nodes: readonly number[], from: Origin): void {
    if (from === this.litFrom && nodes.length === this.lit.length && nodes.every((n, i) => n === this.lit[i])) return;
    this.lit = nodes;
    this.litFrom = from;
    this.tell("lit");
  }

  find(query: string): void {
    this.query = query;
    this.texts ??= haystack(this.model);
    this.hits = search(this.model, this.texts, query);
    this.hit = -1;
    if (this.hits.length) this.step(1);
    else this.tell("search");
  }

  /** To the next hit or the one before, round the ends. */
  step(by: number): void {
    const { length } = this.hits;
    if (!length) return;
    this.hit = this.hit < 0 ? 0 : (this.hit + by + length) % length;
    this.go(this.hits[this.hit]);
    this.tell("search");
  }

  /** Applies a key of the tree; null where the key is not one. */
  press(key: string, page: number): Change | null {
    const done = change(key, { model: this.model, open: this.open, rows: this.rows, active: this.active, page });
    if (!done) return null;
    for (const node of done.open ?? []) this.open[node] = 1;
    for (const node of done.close ?? []) this.open[node] = 0;
    if (done.open || done.close) this.changed();
    if (done.active !== undefined) this.go(done.active);
    if (done.select) this.select(this.active);
    return done;
  }

  type(text: string): void {
    const node = typeAhead(this.model, this.rows, this.active, text);
    if (node >= 0) this.go(node);
  }
}
