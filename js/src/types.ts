/** What the view draws: a model decoded from the wire, as parallel columns in the order of the tree (parents first). */

export type Basis = "measured" | "derived" | "config" | "named" | "assumed";

/** Name, shape, dtype, notes. */
export type Tensor = [string, string, string, string];

/** Name, value, what it means here. */
export type Setting = [string, string, string];

/** What is known of a class whichever its node; `library` is the first paragraph of its own docstring. */
export type About = [why: string, formula: string, pitfalls: string[], paper: string, link: string, library: string];

export interface Statement {
  text: string;
  basis: Basis;
  evidence: number[];
  label: string;
}

export interface Section {
  title: string;
  node: number;
  style: string;
  statements: Statement[];
}

/** A pass of data through the model: its steps in order of execution, as columns. */
export interface Pass {
  depth: number[];
  /** The row of the module called, or in which the operation ran. */
  node: number[];
  /** "" for a module's call. */
  op: string[];
  /** What went in and came out, by the names of sizes, and exact. */
  shapes: string[];
  exact: string[];
  more: string[];
  line: string[];
  flops: number[];
  call: number[];
  /** Letter, meaning, size here. */
  symbols: [string, string, number][];
  /** The row where it failed, and how. */
  failed: [number, string] | null;
}

/** A shape of a picture: the row it stands for (-1: none), its kind, its box if it has one, and its words. */
export type Shape = [row: number, kind: string, box: number[], words: [x: number, y: number, anchor: number, size: number, strong: number, text: string][]];

export type Picture = [title: string, basis: number, width: number, height: number, lines: string, heads: string, shapes: Shape[]];

/** The explanation at one level. */
export interface Told {
  /** The summary where no section tells it. */
  lead: string;
  sections: Section[];
}

export interface Model {
  title: string;
  source: string;
  notes: string[];
  /** How many rows the whole tree has. */
  total: number;
  depth: number[];
  /** -1 for the root. */
  parent: number[];
  /** How many children each has; at -1 one, the root. */
  kids: number[];
  /** Which of its siblings each is, from 1. */
  position: number[];
  /** One past the last descendant. */
  end: number[];
  /** The part of the path: `attn`, `[0-11]`, `[0-30:6]`. */
  segment: string[];
  /** The same as a person reads it: `attn`, `0–11`, `0, 6 … 30`. */
  names: string[];
  types: string[];
  args: string[];
  /** How many equal siblings a row stands for, 1 outside runs. */
  count: number[];
  /** In a run whose rows take turns: how long a turn is, where in it this row begins, and how much of it this row is. Else 1, 0, 1. */
  period: number[];
  turn: number[];
  breadth: number[];
  /** How many modules a row stands for in the whole model. */
  times: number[];
  /** The layer type in plain words. */
  heading: string[];
  kind: string[];
  description: string[];
  /** In what it differs from its siblings of the same type. */
  differs: string[];
  /** Its sizes, what tells it from its siblings, or how the rows of a list follow each other, in a few words. */
  glance: string[];
  roles: string[];
  basis: Basis[];
  arithmetic: string[];
  shapes: string[];
  docs: string[];
  badges: string[][];
  /** -1 where unknown. */
  params: number[];
  own: number[];
  /** What a row adds to the total: its own and all below it, times what they stand for, shared ones once. */
  counted: number[];
  /** Whether it may hold more, which a print does not show. */
  partial: number[];
  qualified: string[];
  /** File and line of the class. */
  origin: string[];
  tensors: Tensor[][];
  settings: Setting[][];
  about: Partial<About>[];
  startsOpen: number[];
  lines: string[];
  /** Which row each printed line belongs to, -1 for none. */
  lineOf: number[];
  /** The explanation at each level, and the level that it was made for. */
  told: Map<string, Told>;
  level: string;
  glossary: Map<string, string>;
  pictures: Picture[];
  pass: Pass | null;
  /** Of a pass: the exact shapes, the operations inside, -1 where unknown. */
  exact: string[];
  flops: number[];
  /** Of a model in the order of execution: the model as registered, where its rows are here, and where rows are there. */
  base?: Model;
  rowAt?: number[];
  nodeAt?: number[];
}

/** How a view is joined to the world outside: the one thing shared is the selected path. */
export interface Link {
  readonly selected: string | null;
  select(path: string): void;
  /** Called when the selection changes from outside. Ends with the signal. */
  subscribe(listener: (path: string | null) => void, signal: AbortSignal): void;
  /** The source of the `forward` of a module's class; not there where nothing could answer. */
  readonly ask?: ((path: string) => Promise<string>) | undefined;
}

/** What a page of its own is made of. */
export interface Parts {
  program: string;
  /** The payload, unpacked. */
  data: string;
}

export interface Options {
  compact?: boolean;
  height?: number;
  signal?: AbortSignal;
  /** Not there where the program does not know itself. */
  parts?: Parts | undefined;
}
