/** Where the documents of a page and the kernel's link find each other: one plain object, the same for every version of the program. */

import type { Options } from "./types";

/** A document's view, as the link sees it. */
export interface Doc {
  readonly id: string;
  readonly selected: string | null;
  /** Shows a selection made elsewhere; told to nobody. */
  show(path: string | null): void;
  /** Called with the path that the reader picks. */
  readonly picked: Set<(path: string) => void>;
  /** Set by a link that can tell the source of a module's `forward`. */
  ask?: (path: string) => Promise<string>;
}

export interface Registry {
  /** Programs already unpacked on this page, by their hash. */
  programs?: Record<string, Mount>;
  /** What unpacks, of the first document: once it has run, a browser has made it fast. */
  inflate?: (data: string) => string;
  /** Set by a program while it runs, for the one who runs it. */
  mount?: Mount | undefined;
  /** The text of the program that was unpacked last. */
  source?: string;
  documents?: Set<WeakRef<Doc>>;
  links?: Set<(doc: Doc) => void>;
  themes?: Set<WeakRef<() => void>>;
}

export interface DocumentOptions extends Options {
  /** The explanation's id; "" where it is not to be linked. */
  id: string;
  selected?: string | null;
}

/** Draws what a payload, unpacked, holds. */
export type Mount = (root: ShadowRoot, data: string, options: DocumentOptions) => void;

export function registry(): Registry {
  const page = globalThis as typeof globalThis & Record<symbol, Registry>;
  return (page[Symbol.for("archmagic")] ??= {});
}

/** A document joins the page, and with it whatever link is there or comes. */
export function announce(doc: Doc): void {
  const page = registry();
  (page.documents ??= new Set()).add(new WeakRef(doc));
  page.links?.forEach((join) => join(doc));
}

/** A link joins all documents that are there, and those that come. Gives what undoes it. */
export function joinAll(join: (doc: Doc) => void): () => void {
  const page = registry();
  (page.links ??= new Set()).add(join);
  for (const ref of page.documents ?? []) {
    const doc = ref.deref();
    if (doc) join(doc);
    else page.documents?.delete(ref);
  }
  return () => void page.links?.delete(join);
}
