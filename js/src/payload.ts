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
  const { depth, count, period, params, own } = nodes;
  const texts = (name: string): string[] => nodes[name].map((at) => strings[at]);
  const structure = relatives(depth, count, period);
  return {
    ...structure,
    title: wire.title,
    summary: wire.summary,
    source: wire.source,
    notes: wire.notes,
    size: depth.length,
    depth,
    count,
    period,
    segment: texts("name"),
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
    basis: nodes.basis.map((at) => BASES[at]),
    badges: texts("badges").map((text) => (text ? text.split("\t") : [])),
    params,
    own,
    counted: adding(structure, own),
    tensors: nodes.tensors.map((at) => wire.owned[at].map((t) => wire.tensors[t])),
    startsOpen: nodes.open.map(Boolean),
    lines: wire.print.text.split("\n"),
    lineOf: sums(wire.print.lines),
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

/** Sums from the last row to the first; what is unknown below makes all above it unknown. */
function adding({ parent, times }: Pick<Model, "parent" | "times">, own: Column): Column {
  const counted = own.map((value, node) => (value < 0 ? -1 : value * times[node]));
  for (let node = own.length - 1; node > 0; node--) {
    const above = parent[node];
    counted[above] = counted[node] < 0 || counted[above] < 0 ? -1 : counted[above] + counted[node];
  }
  return counted;
}

function sums(steps: Column): number[] {
  let at = 0;
  return steps.map((step) => (at += step));
}

/** Parents, ends, turns and multiplicities, all of which follow from depths and runs. */
function relatives(depth: Column, count: Column, period: Column): Pick<Model, "parent" | "end" | "turn" | "times"> {
  const size = depth.length;
  const parent = new Array<number>(size).fill(-1);
  const end = new Array<number>(size).fill(size);
  const turn = new Array<number>(size).fill(0);
  const times = new Array<number>(size).fill(1);
  const above: number[] = [];
  for (let i = 0; i < size; i++) {
    const before = above.length > depth[i] ? above[depth[i]] : -1;
    while (above.length > depth[i]) end[above.pop()!] = i;
    parent[i] = above.length ? above[above.length - 1] : -1;
    if (before >= 0 && period[i] > 1 && period[before] === period[i]) turn[i] = (turn[before] + 1) % period[i];
    times[i] = count[i] * (parent[i] < 0 ? 1 : times[parent[i]]);
    above.push(i);
  }
  return { parent, end, turn, times };
}
