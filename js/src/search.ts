/** Finding rows by name, type, path, setting, shape, number or what the layer is. */

import { pathOf, stands } from "./paths";
import type { Model } from "./types";

const plain = (text: string): string => text.toLowerCase().replace(/(\d),(?=\d{3})/g, "$1");

/** The texts searched, one a row; made once, when something is first searched for. */
export function haystack(model: Model): string[] {
  return model.types.map((type, n) => plain([pathOf(model, n), type, model.args[n], model.heading[n], model.params[n], model.shapes[n], model.tensors[n], model.differs[n], ...model.badges[n]].join("\n")));
}

export function search(model: Model, texts: string[], query: string): number[] {
  const words = plain(query).split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  // A number is meant whole: 768 is not found in 7680.
  const tests = words.map((word) => (/^\d+$/.test(word) ? new RegExp(`(?<!\\d)${word}(?!\\d)`) : { test: (text: string): boolean => text.includes(word) }));
  const tail = /\w\.\w/.test(query) ? query.split(".") : null;
  const found: number[] = [];
  for (let node = 0; node < model.total; node++) {
    if (tests.every((word) => word.test(texts[node])) || (tail && endsWith(model, node, tail))) found.push(node);
  }
  return found;
}

/** Whether the last segments of a row's path are these, where a number falls into a run: `h.3.attn`. */
function endsWith(model: Model, node: number, tail: string[]): boolean {
  for (let at = tail.length - 1; at >= 0; at--, node = model.parent[node]) {
    if (node < 1 || !stands(model, node, tail[at])) return false;
  }
  return true;
}
