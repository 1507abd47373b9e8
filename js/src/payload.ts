/** The only module that knows the wire. Its counterpart is archmagic/render/payload.py. */

import type { Basis, Model, Section, Tensor } from "./types";

type Column = number[];

export interface Wire {
  v: number;
  title: string;
  summary: string;
  source: string;
  notes: string[];
  /** Every text once; columns hold indices into it. */
  strings: string[];
  tensors: Tensor[];
  nodes: Record<string, Column>;
  owned: number[][];
  print: { text: string; lines: Column };
  story: [string, number, string, [string, number, number[], string][]][];
}

const BASES: Basis[] = ["measured", "derived", "config", "named", "assumed"];

/** Text that was gzipped and written in base64. */
export async function inflate(data: string): Promise<string> {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

export async function decode(data: string): Promise<Model> {
  return fromWire(JSON.parse(await inflate(data)) as Wire);
}

export function fromWire(wire: Wire): Model {
  const { nodes, strings } = wire;
  // In quotes, here and below: names of the wire are not shortened.
  const { "depth": depth, "count": count } = nodes;
  const texts = (name: string): string[] => nodes[name].map((at) => strings[at]);
  return {
    ...relatives(depth, count),
    title: wire.title,
    summary: wire.summary,
    source: wire.source,
    notes: wire["notes"],
    total: depth.length,
    depth,
    count,
    period: nodes["period"],
    segment: texts("segment"),
    name: texts("name"),
    type: texts("type"),
    args: texts("args"),
    heading: texts("title"),
    kind: texts("kind"),
    description: texts("description"),
    role: texts("role"),
    arithmetic: texts("arithmetic"),
    shapes: texts("shapes"),
    docs: texts("docs"),
    qualified: texts("qualified"),
    basis: nodes["basis"].map((at) => BASES[at]),
    badges: texts("badges").map((text) => (text ? text.split("\t") : [])),
    params: nodes["params"],
    own: nodes["own"],
    counted: nodes["counted"],
    partial: nodes["partial"],
    turn: nodes["turn"],
    tensors: nodes["tensors"].map((at) => wire.owned[at].map((t) => wire["tensors"][t])),
    startsOpen: nodes["open"],
    lines: wire.print.text.split("\n"),
    lineOf: sums(wire.print["lines"]),
    sections: wire.story.map(
      ([title, node, style, statements]): Section => ({
        title,
        node,
        style,
        statements: statements.map(([text, basis, evidence, label]) => ({ text, basis: BASES[basis], evidence, label })),
      }),
    ),
  };
}

function sums(steps: Column): number[] {
  let at = 0;
  return steps.map((step) => (at += step));
}

/** Parents, ends, places and multiplicities, all of which follow from depths and runs. */
function relatives(depth: Column, count: Column): Pick<Model, "parent" | "end" | "times" | "kids" | "position"> {
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
