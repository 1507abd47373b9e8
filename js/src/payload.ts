/** The only module that knows the wire. Its counterpart is archmagic/render/payload.py. */

import type { About, Basis, Model, Pass, Picture, Section, Setting, Statement, Tensor, Told } from "./types";

type Column = number[];

export interface Wire {
  v: number;
  title: string;
  source: string;
  notes: string[];
  /** Every text once; columns hold indices into it. */
  strings: string[];
  tensors: Tensor[];
  owned: number[][];
  settings: Setting[];
  set: number[][];
  abouts: About[];
  nodes: Record<string, Column>;
  print: { text: string; lines: Column };
  statements: [string, number, number[], string][];
  pictures: Picture[];
  level: string;
  levels: Record<string, [string, [string, number, string, number[]][]]>;
  glossary: [string, string][];
  forward: { steps: Record<string, Column>; symbols: [string, string, number][]; failed: [number, string] | null } | null;
}

const BASES: Basis[] = ["measured", "derived", "config", "named", "assumed"];

export const decode = (text: string): Model => fromWire(JSON.parse(text) as Wire);

export function fromWire(wire: Wire): Model {
  const { nodes, strings } = wire;
  // In quotes, here and below: names of the wire are not shortened.
  const { "depth": depth, "count": count } = nodes;
  const texts = (name: string): string[] => nodes[name].map((at) => strings[at]);
  const listed = <T>(name: string, lists: number[][], items: T[]): T[][] => nodes[name].map((at) => lists[at].map((item) => items[item]));
  const forward = wire["forward"];
  const pass = forward && passOf(forward, strings);
  const statements = wire["statements"].map(([text, basis, evidence, label]): Statement => ({ text, basis: BASES[basis], evidence, label }));
  const section = ([title, node, style, said]: [string, number, string, number[]]): Section => ({ title, node, style, statements: said.map((at) => statements[at]) });
  return {
    ...relatives(depth, count),
    title: wire.title,
    source: wire.source,
    notes: wire["notes"],
    total: depth.length,
    depth,
    count,
    period: nodes["period"],
    breadth: nodes["width"],
    segment: texts("segment"),
    names: texts("name"),
    types: texts("type"),
    args: texts("args"),
    heading: texts("title"),
    kind: texts("kind"),
    description: texts("description"),
    differs: texts("differs"),
    glance: texts("glance"),
    roles: texts("role"),
    arithmetic: texts("arithmetic"),
    ...flows(texts("shapes"), pass),
    docs: texts("docs"),
    qualified: texts("qualified"),
    origin: texts("file"),
    basis: nodes["basis"].map((at) => BASES[at]),
    badges: texts("badges").map((text) => (text ? text.split("\t") : [])),
    params: nodes["params"],
    own: nodes["own"],
    counted: nodes["counted"],
    partial: nodes["partial"],
    turn: nodes["turn"],
    tensors: listed("tensors", wire["owned"], wire["tensors"]),
    settings: listed("settings", wire["set"], wire["settings"]),
    about: nodes["about"].map((at) => wire["abouts"][at]),
    startsOpen: nodes["open"],
    lines: wire.print.text.split("\n"),
    lineOf: sums(wire.print["lines"]),
    pictures: wire["pictures"],
    level: wire["level"],
    told: new Map(Object.entries(wire["levels"]).map(([level, [lead, sections]]): [string, Told] => [level, { lead, sections: sections.map(section) }])),
    glossary: new Map(wire["glossary"]),
    pass,
  };
}

function passOf({ "steps": steps, "symbols": symbols, "failed": failed }: NonNullable<Wire["forward"]>, strings: string[]): Pass {
  const texts = (name: string): string[] => steps[name].map((at) => strings[at]);
  const { "depth": depth, "node": node, "flops": flops, "call": call } = steps;
  return { depth, node, flops, call, op: texts("op"), shapes: texts("shapes"), exact: texts("exact"), more: texts("more"), line: texts("line"), symbols, failed };
}

/** Shapes of the rows: where data passed through one, those of its first call. */
function flows(shapes: string[], pass: Pass | null): Pick<Model, "shapes" | "exact" | "flops"> {
  const exact = shapes.map(() => "");
  const flops = shapes.map(() => -1);
  pass?.node.forEach((node, step) => {
    if (pass.op[step] || flops[node] >= 0) return;
    shapes[node] = pass.shapes[step];
    exact[node] = pass.exact[step];
    flops[node] = pass.flops[step];
  });
  return { shapes, exact, flops };
}

function sums(steps: Column): number[] {
  let at = 0;
  return steps.map((step) => (at += step));
}

/** Parents, ends, places and multiplicities, all of which follow from depths and runs. */
export function relatives(depth: Column, count: Column): Pick<Model, "parent" | "end" | "times" | "kids" | "position"> {
  const parent: Column = [];
  const end: Column = [];
  const times: Column = [];
  const kids: Column = [];
  const position: Column = [];
  const above: Column = [];
  depth.forEach((level, node) => {
    for (const closed of above.splice(level)) end[closed] = node;
    const up = above[level - 1] ?? -1;
    parent.push(up);
    position.push((kids[up] = (kids[up] ?? 0) + 1));
    end.push(depth.length);
    times.push(count[node] * (times[up] ?? 1));
    above.push(node);
  });
  return { parent, end, times, kids, position };
}
