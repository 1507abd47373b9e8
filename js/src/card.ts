/** What is said of one node: short in the tooltip, whole in the details. */

import { h, type Kid } from "./dom";
import { exact, percent } from "./format";
import { kindMark, tint } from "./kinds";
import { badges, basisMark } from "./marks";
import { share } from "./tree";
import type { Model } from "./types";

/** Whether a module holds parameters besides those of the modules in it. */
const apart = (model: Model, node: number): boolean => model.own[node] > 0 && model.own[node] !== model.params[node];

function amount(model: Model, node: number): string {
  const params = model.params[node];
  const times = model.times[node];
  if (params < 0) return "unknown";
  const part = share(model, node);
  return ((!apart(model, node) && model.arithmetic[node]) || exact(params)) + (times > 1 ? `; ${times} times that: ${exact(params * times)}` : "") + (node && part ? `; ${percent(part)} of the model` : "") + (model.partial[node] ? "; may hold more that no print shows" : "");
}

export function card(model: Model, node: number, whole = false): HTMLElement {
  const code = (text: string): Kid => text && h("code", "", text);
  const tensors = model.tensors[node].map((texts) => h("tr", "", ...texts.map((text) => h("td", "", text))));
  const facts: [string, Kid | false][] = [
    ["Shapes", code(model.shapes[node])],
    ["Parameters", model.params[node] !== 0 && amount(model, node)],
    ["Its own", apart(model, node) && model.arithmetic[node]],
    ["Settings", whole && code(model.args[node])],
    ["Class", whole && code(model.qualified[node])],
    ["Tensors", whole && tensors.length > 0 && h("table", "", ...tensors)],
  ];
  const list = facts.filter(([, value]) => value).flatMap(([term, value]) => [h("dt", "", term), h("dd", "", value)]);
  const href = model.docs[node];
  return h(
    "div",
    "card",
    h("p", tint("title", model.kind[node]), kindMark(model.kind[node]), h("b", "", model.heading[node]), ...badges(model.badges[node])),
    model.description[node] && h("p", "", model.description[node]),
    model.role[node] && h("p", "role", model.role[node], basisMark(model.basis[node])),
    list.length > 0 && h("dl", "", ...list),
    // Only such links are followed; all else that a model or a catalog may hold is text.
    /^https:\/\//.test(href) && h("a", { href, target: "_blank", rel: "noopener" }, "Documentation"),
  );
}
