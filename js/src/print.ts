/** The print pane: what PyTorch prints, to the letter, as real text; its lines know their modules, and fold. */

import { blocks, visible } from "./blocks";
import { bare, copyButton, div, icon, mark, scroller, span, taken } from "./dom";
import { tint } from "./kinds";
import { indexIn, nearest } from "./rows";
import { Topic, type State } from "./state";
import type { Pane } from "./tree";
import { windowed } from "./windowed";

const LINE = 18;
const WHOLE = 2000;
const HEAD = /^(\s*)(\([^)]*\): )?(\d+ x )?([^\s(]+)(\(.*)?$/;

export function print(state: State, height: number): Pane {
  const { model } = state;
  const { lines, lineOf } = model;
  const end = blocks(lines, lineOf);
  const shut = new Set<number>();
  /** The first line of each node. */
  const first = new Map<number, number>();
  lineOf.forEach((node, line) => first.has(node) || first.set(node, line));
  let seen = visible(end, shut);
  /** The line that the keys are at. */
  let cursor = 0;

  const markLine = (element: HTMLElement, row: number): void => {
    const { lights, chosen } = state;
    const node = lineOf[seen[row]];
    const inside = (above: number): boolean => node >= above && node < model.end[above];
    mark(element, { lit: lights.some(inside), strong: lights.includes(node), sel: inside(chosen), at: seen[row] === cursor });
  };
  const make = (row: number): HTMLElement => {
    const line = seen[row];
    const holds = end[line] > line;
    const element = div({ class: shut.has(line) ? "line shut" : "line", "data-l": line, "data-n": lineOf[line], "data-no": line + 1 }, ...text(line));
    if (holds) element.prepend(span({ class: "fold", onclick: (event: Event) => fold(line, event) }, icon("chevron")));
    if (shut.has(line)) element.append(span("dots", `… ${end[line] - line - 1} lines )`));
    markLine(element, row);
    return element;
  };
  const text = (line: number): (string | HTMLElement)[] => {
    const node = lineOf[line];
    const parts = node >= 0 && !/^\s*\)/.test(lines[line]) && HEAD.exec(lines[line]);
    if (!parts) return [lines[line] || " "];
    const [, space, name = "", times = "", type, rest = ""] = parts;
    return [space, span("dim", name + times), type === model.types[node] ? span(tint("type", model.kind[node]), type) : type, rest];
  };

  const element = scroller("print", "Print", { style: `--gutter:${String(lines.length).length + 1}ch` });
  const rows = windowed(element, { rowHeight: LINE, make, whole: WHOLE, height });
  (element.firstChild as HTMLElement).style.minWidth = `calc(${lines.reduce((most, line) => Math.max(most, line.length), 0) + 4}ch + var(--gutter))`;
  rows.reset(seen.length);

  const redraw = (): void => {
    seen = visible(end, shut);
    rows.reset(seen.length);
  };
  const fold = (line: number, event?: Event): void => {
    event?.stopPropagation();
    if (!shut.delete(line)) shut.add(line);
    redraw();
  };
  const show = (node: number): void => {
    while (node > 0 && !first.has(node)) node = model.parent[node];
    const line = first.get(node);
    if (line === undefined) return;
    for (const head of shut) if (head < line && line <= end[head]) shut.delete(head);
    if (indexIn(seen, line) < 0) redraw();
    rows.show(indexIn(seen, line));
  };
  const to = (row: number): void => {
    cursor = nearest(seen, row);
    rows.show(indexIn(seen, cursor));
    rows.each(markLine);
    state.light(lineOf[cursor] < 0 ? [] : [lineOf[cursor]], "print");
  };
  const press = (key: string): boolean => {
    const at = indexIn(seen, cursor);
    const holds = end[cursor] > cursor;
    const row = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: Infinity }[key];
    if (row !== undefined) to(row);
    else if (key === "Enter" && lineOf[cursor] >= 0) state.choose(lineOf[cursor]);
    else if (holds && key === (shut.has(cursor) ? "ArrowRight" : "ArrowLeft")) fold(cursor);
    else return false;
    return true;
  };
  element.onkeydown = (event) => void (bare(event) && press(event.key) && taken(event));
  state.listen((topic) => {
    if (topic === Topic.Lit || topic === Topic.Chosen) rows.each(markLine);
    if (topic !== Topic.Chosen || state.chosen < 0) return;
    cursor = first.get(state.chosen) ?? cursor;
    show(state.chosen);
  });
  const tools = div("float", copyButton("Copy print", () => lines.join("\n")));
  return { scroller: element, tools, show };
}
