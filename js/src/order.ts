/** The model in the order of execution: a row for each step of a pass, modules and the operations between them. */

import { relatives } from "./payload";
import { pathOf } from "./paths";
import type { Model, Pass } from "./types";

/** The path from one module down to another that lies in it; the whole path where it does not. */
function within(model: Model, above: number, node: number): string {
  const [outer, path] = [above, node].map((at) => pathOf(model, at));
  return !outer ? path : path.startsWith(`${outer}.`) ? path.slice(outer.length + 1) : path;
}

const blank = (example: unknown): unknown => (typeof example === "string" ? "" : typeof example === "number" ? 0 : []);

/** The same model with the rows that its pass has. What did not run is where it would have been in. */
export function ordered(model: Model): Model {
  const pass = model.pass as Pass;
  const { node: nodeAt, op, depth } = pass;
  /** The row of each node's first call, else of what it is in. */
  const rowAt: number[] = [];
  nodeAt.forEach((node, row) => op[row] || (rowAt[node] ??= row));
  model.parent.forEach((up, node) => (rowAt[node] ??= rowAt[up] ?? 0));
  const each = <T>(value: (row: number, node: number) => T): T[] => nodeAt.map((node, row) => value(row, node));
  const columns = Object.entries(model).filter(([, column]) => Array.isArray(column) && column.length === model.total);
  const made = { ...model, ...Object.fromEntries(columns.map(([name, column]) => [name, each((row, node): unknown => (op[row] ? blank((column as unknown[])[node]) : (column as unknown[])[node]))])) } as Model;
  const count = each((row, node) => (op[row] ? 1 : model.count[node]));
  const family = relatives(depth, count);
  const place = (row: number, node: number): string => `An operation in the forward() of ${model.types[node]}${pass.line[row] && `, at ${pass.line[row]}`}.`;
  return Object.assign(made, family, {
    base: model,
    rowAt,
    nodeAt,
    total: nodeAt.length,
    depth,
    count,
    period: each(() => 1),
    names: each((row, node) => (op[row] || !row ? "" : within(model, nodeAt[family.parent[row]], node))),
    types: each((row, node) => op[row] || model.types[node]),
    args: each((row, node) => (op[row] ? pass.more[row] : model.args[node])),
    kind: each((row, node) => (op[row] ? "operation" : model.kind[node])),
    roles: each((row, node) => (op[row] ? place(row, node) : model.roles[node])),
    basis: each((row, node) => (op[row] ? "measured" : model.basis[node])),
    shapes: pass.shapes,
    exact: pass.exact,
    flops: pass.flops,
    // What is called again is counted at its first call.
    counted: each((row, node) => (op[row] || pass.call[row] > 1 ? 0 : model.counted[node])),
    lines: model.lines,
    notes: model.notes,
    lineOf: model.lineOf.map((node) => rowAt[node] ?? -1),
  } satisfies Partial<Model>);
}
