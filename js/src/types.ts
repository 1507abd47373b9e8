/** What the view draws: a model decoded from the wire, as parallel columns in the order of the tree (parents first). */

export type Basis = "measured" | "derived" | "config" | "named" | "assumed";

/** Name, shape, dtype, notes. */
export type Tensor = [string, string, string, string];

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

export interface Model {
  title: string;
  summary: string;
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
  name: string[];
  type: string[];
  args: string[];
  /** How many equal siblings a row stands for, 1 outside runs. */
  count: number[];
  /** How many rows take turns in a run, 1 for a plain one, and which of them this is. */
  period: number[];
  turn: number[];
  /** How many modules a row stands for in the whole model. */
  times: number[];
  /** The layer type in plain words. */
  heading: string[];
  kind: string[];
  description: string[];
  role: string[];
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
  tensors: Tensor[][];
  startsOpen: number[];
  lines: string[];
  /** Which row each printed line belongs to, -1 for none. */
  lineOf: number[];
  sections: Section[];
}

/** How a view is joined to the world outside: the one thing shared is the selected path. */
export interface Link {
  readonly selected: string | null;
  select(path: string): void;
  /** Called when the selection changes from outside. Ends with the signal. */
  subscribe(listener: (path: string | null) => void, signal: AbortSignal): void;
}

export interface Options {
  compact?: boolean;
  height?: number;
  signal?: AbortSignal;
}
