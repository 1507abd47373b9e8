/** What is said of one node: short in the tooltip, whole in the details. */

import { copyButton, h, set } from "./dom";
import { exact, percent } from "./format";
import { letter, tint } from "./kinds";
import { above, firstPath, pathOf, shown } from "./paths";
import type { Basis, Model } from "./types";

export const MARKS: Record<Basis, [mark: string, word: string, meaning: string]> = {
  measured: ["", "measured", "read off the model or its print"],
  derived: ["d", "derived", "arithmetic on what is measured"],
  config: ["c", "config", "the model’s config says so"],
  named: ["n", "named", "follows from the name of a class"],
  assumed: ["a", "assumed", "a convention, which may be wrong"],
};

export function mark(basis: Basis): HTMLElement | null {
  const [text, word, meaning] = MARKS[basis];
  if (!text) return null;
  return set(h("abbr", `mark ${basis}`, text), { title: `${word}: ${meaning}`, "aria-label": `(${word})`, role: "img" });
}

/** "12 × 7,087,872 = 85,054,464 (68 % of the model)". */
export function amount(model: Model, node: number): string {
  const params = model.params[node];
  if (params < 0) return "unknown";
  const times = model.times[node];
  const all = params * times;
  const share = node && model.params[0] > 0 && all ? `, ${percent(all / model.params[0])} of the model` : "";
  return times > 1 && params ? `${exact(params)}, ${times} times ${exact(all)}${share}` : exact(params) + share;
}

function row(term: string, ...value: (Node | string | null)[]): HTMLElement[] {
  return [h("dt", "", term), h("dd", "", ...value)];
}

/** Only such links are followed; all else that a catalog or a model may hold is text. */
function docsLink(url: string): HTMLElement | false {
  return /^https:\/\//.test(url) && set(h("a", "", "Documentation"), { href: url, target: "_blank", rel: "noopener noreferrer" });
}

export function card(model: Model, node: number, whole: boolean): HTMLElement {
  const role = model.role[node];
  const list = h("dl", "");
  if (model.shapes[node]) list.append(...row("Shapes", h("code", "", model.shapes[node])));
  if (model.params[node] !== 0) list.append(...row("Parameters", amount(model, node)));
  if (model.arithmetic[node]) list.append(...row(model.own[node] === model.params[node] ? "That is" : "Its own", model.arithmetic[node]));
  if (whole) list.append(...more(model, node));
  return h(
    "div",
    "card",
    tint(h("p", "title", set(h("span", "kind", letter(model.kind[node])), { "aria-hidden": true }), h("b", "", model.title_[node] || model.type[node]), ...model.badges[node].map((b) => h("span", "badge", b))), model.kind[node]),
    model.description[node] && h("p", "", model.description[node]),
    role && h("p", "role", role, mark(model.basis[node])),
    list.firstChild && list,
    docsLink(model.docs[node]),
  );
}

function more(model: Model, node: number): HTMLElement[] {
  const args = model.args[node];
  const found: HTMLElement[] = [];
  if (args) found.push(...row("Settings", h("code", "", args)));
  if (model.qualified[node]) found.push(...row("Class", h("code", "", model.qualified[node])));
  const tensors = model.tensors[node];
  if (tensors.length) {
    const rows = tensors.map((t) => h("tr", "", h("td", "", h("code", "", t.name)), h("td", "", t.shape), h("td", "", t.dtype), h("td", "", t.notes)));
    found.push(...row("Tensors", h("table", "", ...rows)));
  }
  return found;
}

/** Where a node is: each step can be taken, and the path copied. */
export function trail(model: Model, node: number, go: (node: number) => void): HTMLElement {
  const steps = [0, ...above(model, node)].map((n) => {
    const step = set(h("button", "step", n ? shown(model.segment[n]) : model.type[0]), { type: "button", "aria-current": n === node ? "location" : null });
    step.onclick = () => go(n);
    return step;
  });
  const copies = node ? [copyButton("Copy path", () => pathOf(model, node)), submodule(model, node)] : [];
  return set(h("nav", "trail", h("span", "steps", ...steps), ...copies), { "aria-label": "Path" });
}

function submodule(model: Model, node: number): HTMLElement {
  const element = copyButton("Copy model.get_submodule(…)", () => `model.get_submodule("${firstPath(model, node)}")`);
  element.classList.add("call");
  return element;
}
