/**
 * What runs first in a document: finds its elements, unpacks the program, once a page, and has it draw them, all before the page is painted.
 *
 * It needs no more than the inline script that it is: no eval, no network. Where anything is missing, the static page stays.
 */

import { inflate } from "./inflate";
import { registry, type DocumentOptions, type Mount } from "./registry";

export function boot(name: string, hash: string, program: string, data: string, options: DocumentOptions): void {
  const page = registry();
  const programs = (page.programs ??= {});
  const unpack = (page.inflate ??= inflate);
  // By class, not by this script's place: nbclassic runs scripts in the head, and JupyterLab runs them anew.
  for (const host of document.getElementsByClassName(name)) {
    if (host.shadowRoot) continue;
    const root = host.attachShadow({ mode: "open" });
    try {
      (programs[hash] ??= run(unpack(program)))(root, unpack(data), options);
    } catch {
      root.replaceChildren(document.createElement("slot"));
    }
  }
}

/** Runs a program as a script element, which is allowed wherever this script was. */
function run(program: string): Mount {
  const script = document.createElement("script");
  const page = registry();
  page.mount = undefined;
  page.source = program;
  script.textContent = program;
  document.head.append(script);
  script.remove();
  if (!page.mount) throw new Error("archmagic: scripts are not allowed here");
  return page.mount;
}
