/** The explanation in other forms, from what the view holds. Pure: strings from a state. */

import { exact, short } from "./format";
import { letterOf } from "./kinds";
import { pathOf } from "./paths";
import type { State } from "./state";
import type { Model, Section, Told } from "./types";

function count({ params, count }: Model, node: number): string {
  return params[node] < 0 ? "?" : params[node] ? (count[node] > 1 ? `${count[node]} × ` : "") + exact(params[node]) : "";
}

/** What stands before a row's type, and after it. */
function around(model: Model, node: number): [string, string] {
  const count = model.count[node];
  const args = model.args[node].replace(/\s+/g, " ");
  return [(node ? `${model.names[node]}: ` : "") + (count > 1 ? `${count} × ` : ""), args && `(${args})`];
}

const title = (model: Model, node: number): string => around(model, node).join(model.types[node]);

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
  const fence = "```";
  return [`# ${plain(model.title)}`, ...[lead, ...model.notes].filter(Boolean).map(plain), ...sections.map(sectionText), "## Modules", `${fence}text\n${asText(state)}\n${fence}`].join("\n\n") + "\n";
}

/** What the view knows, with the names that `Explanation.to_dict()` has for it. */
export function asJson({ model, level }: State): string {
  const path = (node: number): string => pathOf(model, node);
  const there = (node: number): string => pathOf(model.base ?? model, node);
  const columns: Record<string, readonly unknown[]> = {
    path: model.types.map((_, node) => path(node)),
    type: model.types,
    "args": model.args,
    "count": model.count,
    "num_parameters": model.params.map((params) => (params < 0 ? null : params)),
    title: model.heading,
    "kind": model.kind,
    "description": model.description,
    role: model.roles,
    "basis": model.basis,
    "shapes": model.shapes,
    "badges": model.badges,
    "tensors": model.tensors,
  };
  const nodes = model.types.map((_, node) => Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column[node]])));
  const story = model.told.get(level)!.sections.map(({ title, statements }) => ({
    title,
    "statements": statements.map(({ text, basis, evidence }) => ({ text, "basis": basis, "evidence": evidence.map(there) })),
  }));
  return JSON.stringify({ schema: "archmagic/view/1", title: model.title, source: model.source, "notes": model.notes, story, nodes }, null, 1);
}

/** Text as markup. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`).replace(/[^\P{C}\n]/gu, "\ufffd");

/** Colours by name: fg, bg, muted, and by kind. */
export type Colors = (name: string) => string;

const ROW = 20;
const CHARACTER = 7.3;

/** A picture of the tree as it is shown. */
export function asSvg({ model, rows }: State, color: Colors): string {
  const all = [...rows];
  const left = (node: number): number => 16 + model.depth[node] * 16;
  const wide = Math.ceil(all.reduce((most, node) => Math.max(most, left(node) + 24 + title(model, node).length * CHARACTER), 300));
  const text = (fill: string, content: string, place: string): string => `<text fill="${fill}" ${place}>${content}</text>`;
  const part = (name: string, content: string): string => `<tspan fill="${color(name)}">${escaped(content)}</tspan>`;
  const drawn = all.map((node, row) => {
    const kind = model.kind[node];
    const [before, after] = around(model, node);
    const label = escaped(before) + part(kind, model.types[node]) + part("muted", after);
    const params = model.params[node];
    const share = (60 * model.counted[node]) / model.counted[0] || 0;
    return `<g transform="translate(${left(node)} ${20 + row * ROW})">${text(color(kind), letterOf(kind), 'font-weight="bold"')}${text(color("fg"), label, 'x="20"')}${text(color("muted"), params < 0 ? "?" : params ? short(params) : "", `x="${wide + 76 - left(node)}" text-anchor="end"`)}<rect x="${wide + 88 - left(node)}" y="-7" width="${share}" height="5" fill="${color(kind)}"/></g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${wide + 164}" height="${all.length * ROW + 16}" font-family="ui-monospace,Menlo,Consolas,monospace" font-size="12" xml:space="preserve"><rect width="100%" height="100%" fill="${color("bg")}"/>${drawn.join("")}</svg>`;
}
