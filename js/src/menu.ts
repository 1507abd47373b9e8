/** The export menu: files and the clipboard, in the page, without a network. */

import { copy, div, h, icon, set, span, taken } from "./dom";
import { asJson, asMarkdown, asSvg, asText, escaped, type Colors } from "./export";
import { tint } from "./kinds";
import type { State } from "./state";
import { channels } from "./theme";
import type { Parts } from "./types";

/** A page of its own: the static page, the program and the data. */
function page(title: string, { program, data }: Parts, host: Element): string {
  const start = `globalThis[Symbol.for("archmagic")].mount(document.querySelector(".archmagic").attachShadow({mode:"open"}),${JSON.stringify(data).replaceAll("<", "\\u003c")},{id:""})`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${escaped(title)}</title><div class="archmagic">${host.innerHTML}</div><script type="module">${program}\n${start}</script>`;
}

/** The colours that the view has now, as numbers that every program reads. */
function colors(frame: Element): Colors {
  const probe = span();
  return (name) => {
    set(probe, name === "muted" ? { class: "dim" } : tint("type", name));
    frame.append(probe);
    const style = getComputedStyle(name === "bg" || name === "fg" ? frame : probe);
    const [r, g, b] = channels(name === "bg" ? style.backgroundColor : style.color);
    probe.remove();
    return `rgb(${r},${g},${b})`;
  };
}

function save(name: string, type: string, text: string): void {
  const href = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href, download: name }).click();
}

export function menu(state: State, host: Element, parts: Parts | undefined): HTMLElement {
  const { title } = state.model;
  const item = (text: string, act: () => unknown): HTMLElement => h("button", { role: "menuitem", tabindex: -1, onclick: () => (list.hidePopover(), act()) }, text);
  const file = (name: string, ending: string, type: string, text: () => string): HTMLElement => item(`Save ${name}`, () => save(`${title}.${ending}`, type, text()));
  const items: HTMLElement[] = [
    ...(parts ? [file("as HTML", "html", "text/html", () => page(title, parts, host))] : []),
    file("as Markdown", "md", "text/markdown", () => asMarkdown(state)),
    file("as JSON", "json", "application/json", () => asJson(state)),
    file("the tree as SVG", "svg", "image/svg+xml", () => asSvg(state, colors(list.closest(".frame")!))),
    item("Copy the tree as text", () => copy(asText(state), button)),
  ];
  const onkeydown = (event: KeyboardEvent): void => {
    const at = items.indexOf(event.target as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Escape") list.hidePopover();
    else if (to === undefined) return;
    else items.at(to % items.length)!.focus();
    taken(event);
  };
  items[0].autofocus = true;
  const place = (): void => {
    const { right, bottom } = button.getBoundingClientRect();
    list.style.cssText = `right:${document.documentElement.clientWidth - right}px;top:${bottom + 4}px`;
  };
  const list: HTMLElement = div({ class: "menu", popover: "auto", role: "menu", "aria-label": "Export", onbeforetoggle: place, onkeydown }, ...items);
  const button = h("button", { class: "b", title: "Export", "aria-haspopup": "menu" }, icon("more"));
  button.popoverTargetElement = list;
  return span("", button, list);
}
