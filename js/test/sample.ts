/** A small model for tests: root, embedding, three blocks of two layers each as a run, a periodic run of two, a head. */

import { fromWire, type Wire } from "../src/payload";
import type { Model } from "../src/types";

type Row = [segment: string, type: string, depth: number, count?: number, period?: number, turn?: number, params?: number, width?: number];

const KINDS: Record<string, string> = { Embedding: "embedding", Linear: "linear", Attention: "attention" };

export const ROWS: Row[] = [
  ["", "Net", 0, 1, 1, 0, 2304],
  ["wte", "Embedding", 1, 1, 1, 0, 768],
  ["h", "ModuleList", 1],
  ["[0-2]", "Block", 2, 3],
  ["attn", "Attention", 3],
  ["mlp", "MLP", 3],
  ["layers", "ModuleList", 1],
  ["[0-2:2]", "Local", 2, 2, 2, 0],
  ["q", "Linear", 3],
  ["[1-3:2]", "Global", 2, 2, 2, 1],
  ["head", "Linear", 1],
];

export function wire(rows: Row[] = ROWS): Wire {
  const strings = new Map([["", 0]]);
  const text = (value: string): number => strings.get(value) ?? strings.set(value, strings.size).size - 1;
  const zeros = rows.map(() => 0);
  const column = (at: number, otherwise: number): number[] => rows.map((row) => (row[at] as number | undefined) ?? otherwise);
  const nodes: Record<string, number[]> = {
    segment: rows.map((row) => text(row[0])),
    name: rows.map((row) => text(row[0])),
    type: rows.map((row) => text(row[1])),
    depth: column(2, 0),
    count: column(3, 1),
    period: column(4, 1),
    turn: column(5, 0),
    params: column(6, 0),
    width: column(7, 1),
    kind: rows.map((row) => text(KINDS[row[1]] ?? "container")),
    open: rows.map((_, at) => (at === 0 ? 1 : 0)),
  };
  for (const name of ["args", "title", "description", "role", "arithmetic", "shapes", "docs", "qualified", "badges", "differs", "glance", "file"]) nodes[name] = zeros;
  for (const name of ["basis", "tensors", "settings", "about", "own", "counted", "partial"]) nodes[name] = zeros;
  return {
    v: 2,
    title: "Net",
    source: "print",
    notes: [],
    strings: [...strings.keys()],
    tensors: [],
    owned: [[]],
    settings: [],
    set: [[]],
    abouts: [["", "", [], "", "", ""]],
    nodes,
    print: { text: "Net(\n  (wte): Embedding(1, 768)\n)", lines: [0, 1, -1] },
    statements: [
      ["A net.", 0, [0], ""],
      ["It goes in.", 3, [1], ""],
      ["A token is a piece of text.", 0, [1], "wte"],
    ],
    level: "practitioner",
    levels: {
      beginner: ["", [["Whole", -1, "prose", [0]], ["Flow", -1, "steps", [1, 2]]]],
      practitioner: ["", [["Whole", -1, "prose", [0]], ["Flow", -1, "steps", [1]]]],
    },
    forward: null,
    pictures: [],
    glossary: [["token", "A piece of text."]],
  };
}

export const sample = (rows: Row[] = ROWS): Model => fromWire(wire(rows));
