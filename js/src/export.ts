/** The explanation in other forms, from what the view holds. Pure: strings from a state. */

import { exact, short } from "./format";
import { letterOf } from "./kinds";
import { firstPath, pathOf } from "./paths";
import type { State } from "./state";
import type { Model, Section, Told } from "./types";

function count(model: Model, node: number): string {
  const params = model.params[node];
  return params < 0 ? "?" : params ? (model.count[node] > 1 ? `${model.count[node]} × ` : "") + exact(params) : "";
}

function title(model: Model, node: number): string {
  const [name, times] = [node ? `${model.name[node]}: ` : "", model.count[node] > 1 ? `${model.count[node]} × ` : ""];
  return name + times + model.type[node] + (model.args[node] ? `(${model.args[node].replace(/\n/g, " ")})` : "");
}

/** The tree as it is shown. */
export function asText({ model, rows }: State): string {
  const lines = [...rows].map((node) => ["  ".repeat(model.depth[node]) + title(model, node), count(model, node)]);
  const width = lines.reduce((most, [left, right]) => (right ? Math.max(most, left.length) : most), 0);
  return lines.map(([left, right]) => (right ? `${left.padEnd(width)}  ${right}` : left)).join("\n");
}

const plain = (text: string): string => text.replace(/[\\`*_<>[\]#|]/g, "\\$&");

function sectionText({ title, style, statements }: Section): string {
  const said = statements.map(({ text, basis, label }) => (label ? `\`${label}\`: ` : "") + plain(text) + (basis === "measured" ? "" : ` *(${basis})*`));
  return `## ${plain(title)}\n\n${style === "prose" ? said.join(" ") : said.map((text, at) => (style === "steps" ? `${at + 1}. ` : "- ") + text).join("\n")}`;
}

export function asMarkdown(state: State): string {
  const { model } = state;
  const { lead, sections } = model.told.get(state.level) as Told;
  const fence = "`".repeat(3);
  return [`# ${plain(model.title)}`, ...[lead, ...model.notes].filter(Boolean).map(plain), ...sections.map(sectionText), "## Modules", `${fence}text\n${asText(state)}\n${fence}`].join("\n\n") + "\n";
}

/** What the view knows, with the names that `Explanation.to_dict()` has for it. */
export function asJson({ model, level }: State): string {
  const told = model.told.get(level) as Told;
  const path = (node: number): string => pathOf(model, node);
  const nodes = model.type.map((type, node) => ({
    path: path(node),
    "first": firstPath(model, node),
    "type": type,
    "qualified": model.qualified[node] || null,
    "args": model.args[node],
    "count": model.count[node],
    "num_parameters": model.params[node] < 0 ? null : model.params[node],
    "title": model.heading[node],
    "kind": model.kind[node],
    "description": model.description[node],
    "role": model.role[node] || null,
    "basis": model.basis[node],
    "shapes": model.shapes[node] || null,
    "badges": model.badges[node],
    "tensors": model.tensors[node],
  }));
  const story = told.sections.map(({ title, statements }) => ({
    title,
    "statements": statements.map(({ text, basis, evidence }) => ({ text, "basis": basis, "evidence": evidence.map(path) })),
  }));
  return JSON.stringify({ schema: "archmagic/view/1", title: model.title, source: model.source, notes: model.notes, story, nodes }, null, 1);
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`).replace(/[^\P{C}\n]/gu, "\ufffd");

/** Colours by name: fg, bg, muted, and by kind. */
export type Colors = (name: string) => string;

const ROW = 20;
const CHARACTER = 7.3;

/** A picture of the tree as it is shown. */
export function asSvg({ model, rows }: State, color: Colors): string {
  const all = [...rows];
  const left = (node: number): number => 16 + model.depth[node] * 16;
  const wide = Math.ceil(all.reduce((most, node) => Math.max(most, left(node) + 24 + title(model, node).length * CHARACTER), 300));
  const text = (x: number, fill: string, content: string, more = ""): string => `<text x="${x}" fill="${fill}"${more}>${escaped(content)}</text>`;
  const drawn = all.map((node, row) => {
    const x = left(node);
    const hue = color(model.kind[node]);
    const name = (node ? `${model.name[node]}: ` : "") + (model.count[node] > 1 ? `${model.count[node]} × ` : "");
    const label = `<text x="${x + 22}" fill="${color("fg")}">${escaped(name)}<tspan fill="${hue}">${escaped(model.type[node])}</tspan><tspan fill="${color("muted")}">${escaped(title(model, node).slice(name.length + model.type[node].length))}</tspan></text>`;
    const params = model.params[node];
    return `<g transform="translate(0 ${12 + row * ROW})">${text(x + 2, hue, letterOf(model.kind[node]), ` font-weight="bold"`)}${label}${params ? text(wide + 76, color("muted"), params < 0 ? "?" : short(params), ` text-anchor="end"`) : ""}<rect x="${wide + 88}" y="-7" width="${(60 * model.counted[node]) / model.counted[0] || 0}" height="5" fill="${hue}"/></g>`;
  });
  const height = all.length * ROW + 16;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${wide + 164}" height="${height}" font-family="ui-monospace,Menlo,Consolas,monospace" font-size="12" xml:space="preserve"><rect width="100%" height="100%" fill="${color("bg")}"/><g transform="translate(0 8)">${drawn.join("")}</g></svg>`;
}
