/** The print pane: what PyTorch prints, to the letter, as real text; its lines know their modules. */

import { h, mark, scroller } from "./dom";
import { tint } from "./kinds";
import { Topic, type State } from "./state";
import type { Pane } from "./tree";
import { windowed } from "./windowed";

const LINE = 18;
const WHOLE = 2000;
const HEAD = /^(\s*)(\([^)]*\): )?(\d+ x )?([^\s(]+)(\(.*)?$/;

export function print(state: State): Pane {
  const { model } = state;
  const { lines, lineOf } = model;
  const element = scroller("print", "Print", { style: `--gutter:${String(lines.length).length + 2}ch` });
  /** First line of each node, and its last. */
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  lineOf.forEach((node, line) => {
    if (!first.has(node)) first.set(node, line);
    last.set(node, line);
  });
  const inside = (node: number, line: number): boolean => line >= first.get(node)! && line <= last.get(node)!;
  const markLine = (element: HTMLElement, line: number): void => {
    const { lights, chosen } = state;
    mark(element, { lit: lights.some((node) => inside(node, line)), strong: lights.includes(lineOf[line]), sel: inside(chosen, line) });
  };
  const make = (line: number): HTMLElement => {
    const element = h("div", { class: "line", "data-l": line, "data-n": lineOf[line], "data-no": line + 1 }, ...text(line));
    markLine(element, line);
    return element;
  };
  const text = (line: number): (string | HTMLElement)[] => {
    const node = lineOf[line];
    const parts = node >= 0 && first.get(node) === line && HEAD.exec(lines[line]);
    if (!parts) return [lines[line] || " "];
    const [, space, name = "", times = "", type, rest = ""] = parts;
    return [space, h("span", "dim", name + times), h("span", tint("type", model.kind[node]), type), rest];
  };
  const rows = windowed(element, { rowHeight: LINE, make, whole: WHOLE });
  (element.firstChild as HTMLElement).style.minWidth = `calc(${lines.reduce((most, line) => Math.max(most, line.length), 0) + 2}ch + var(--gutter))`;
  rows.reset(lines.length);
  const show = (node: number): void => {
    while (node > 0 && !first.has(node)) node = model.parent[node];
    if (node >= 0) rows.show(first.get(node) ?? 0);
  };
  state.listen((topic) => {
    if (topic === Topic.Lit || topic === Topic.Chosen) rows.each(markLine);
    if (topic === Topic.Chosen) show(state.chosen);
  });
  return { scroller: element, rows, show };
}
