/** What is said of one node: short in the tooltip, whole in the details. */

import { div, h, span, type Kid } from "./dom";
import { exact, percent, short } from "./format";
import { kindMark, tint } from "./kinds";
import { badges, basisMark } from "./marks";
import { share } from "./tree";
import type { Model } from "./types";

type Rows = [string, Kid | false][];

/** Whether a module holds parameters besides those of the modules in it. */
const apart = (model: Model, node: number): boolean => model.own[node] > 0 && model.own[node] !== model.params[node];

function amount(model: Model, node: number): string {
  const params = model.params[node];
  const times = model.times[node];
  if (params < 0) return "unknown";
  const part = share(model, node);
  return ((!apart(model, node) && model.arithmetic[node]) || exact(params)) + (times > 1 ? `; ${times} times that: ${exact(params * times)}` : "") + (node && part ? `; ${percent(part)} of the model` : "") + (model.partial[node] ? "; may hold more that no print shows" : "");
}

const code = (text: string | undefined): Kid => text && h("code", "", text);
const say = (text: string | undefined, className = ""): Kid => text && h("p", className, text);

/** Only such links are followed; all else that a model or a catalog may hold is text. */
const link = (href: string | undefined, text: string): Kid => !!href && /^https:\/\//.test(href) && h("a", { href, target: "_blank", rel: "noopener" }, text);

function table(caption: string, rows: readonly (readonly string[])[]): Kid {
  const cells = (row: readonly string[]): HTMLElement[] => row.map((text, at) => h(at ? "td" : "th", at ? "" : { scope: "row" }, text));
  return rows.length > 0 && h("table", "", h("caption", "", caption), ...rows.map((row) => h("tr", "", ...cells(row))));
}

const list = (rows: Rows): Kid => {
  const known = rows.filter(([, value]) => value);
  return known.length > 0 && h("dl", "", ...known.flatMap(([term, value]) => [h("dt", "", term), h("dd", "", value)]));
};

export function card(model: Model, node: number, whole = false): HTMLElement {
  const [why, formula, pitfalls = [], paper, paperLink, library] = model.about[node];
  return div(
    "card",
    h("p", tint("title", model.kind[node]), kindMark(model.kind[node]), h("b", "", model.heading[node] || model.types[node]), ...badges(model.badges[node])),
    model.pass?.failed?.[0] === (model.nodeAt?.[node] ?? node) && say(model.pass.failed[1], "note bad"),
    say(model.description[node]),
    model.roles[node] && h("p", "role", model.roles[node], basisMark(model.basis[node])),
    whole && say(why),
    whole && library && h("p", "role", span("dim", "In the library’s words: "), library),
    list([
      ["Shapes", code(model.shapes[node])],
      ["Here", model.exact[node] !== model.shapes[node] && code(model.exact[node])],
      ["Computes", model.flops[node] > 0 && `${short(model.flops[node])} floating-point operations`],
      ["Formula", whole && code(formula)],
      ["Parameters", model.params[node] !== 0 && amount(model, node)],
      ["Its own", apart(model, node) && model.arithmetic[node]],
      ["Differs by", code(model.differs[node])],
      ["Class", whole && code(model.qualified[node])],
      ["File", whole && code(model.origin[node])],
    ]),
    whole && table("Settings", model.settings[node]),
    whole && table("Tensors", model.tensors[node]),
    ...(whole ? pitfalls.map((text) => h("p", "note", text)) : []),
    whole && h("p", "links", link(model.docs[node], "Documentation"), link(paperLink, paper ?? "")),
  );
}
