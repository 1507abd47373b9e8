/** The export menu: files and the clipboard, in the page, without a network. */

import { copy, h, icon, taken } from "./dom";
import { asJson, asMarkdown, asSvg, asText, type Colors } from "./export";
import { hueOf } from "./kinds";
import type { State } from "./state";
import type { Parts } from "./types";

/** A page of its own: the static page, the program and the data. */
function page(title: string, { program, data }: Parts, host: Element): string {
  const made = document.implementation.createHTMLDocument(title);
  const script = made.createElement("script");
  const start = `const d=document.querySelector(".archmagic");globalThis[Symbol.for("archmagic")].mount(d.attachShadow({mode:"open"}),"${data}",{id:"",compact:false,height:0})`;
  script.type = "module";
  script.textContent = `${program}\n${start}`;
  const body = made.createElement("div");
  body.className = "archmagic";
  body.innerHTML = host.innerHTML;
  made.head.insertAdjacentHTML("afterbegin", '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">');
  made.body.append(body, script);
  return `<!doctype html>\n${made.documentElement.outerHTML}`;
}

/** The colours that the view has now, as numbers that every program reads. */
function colors(wrap: Element): Colors {
  const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
  const probe = h("span");
  wrap.append(probe);
  const read = (color: string): string => {
    probe.style.color = color;
    brush.fillStyle = getComputedStyle(probe).color;
    brush.fillRect(0, 0, 1, 1);
    return `#${[...brush.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((c) => c.toString(16).padStart(2, "0")).join("")}`;
  };
  const known = new Map<string, string>();
  return (name) => {
    const color = { fg: "var(--fg)", bg: "var(--bg)", muted: "var(--muted)" }[name];
    const hue = hueOf(name);
    if (!known.has(name)) known.set(name, read(color ?? (hue ? `light-dark(oklch(0.47 0.13 ${hue}),oklch(0.8 0.1 ${hue}))` : "var(--muted)")));
    return known.get(name)!;
  };
}

function save(name: string, type: string, text: string): void {
  const href = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}

export function menu(state: State, host: Element, parts: Parts | undefined): HTMLElement {
  const { title } = state.model;
  const item = (text: string, act: () => unknown): HTMLElement => h("button", { role: "menuitem", tabindex: -1, onclick: () => (list.hidePopover(), act()) }, text);
  const svg = (): string => {
    const wrap = list.closest(".wrap")!;
    return asSvg(state, colors(wrap));
  };
  const items = [
    ...(parts ? [item("Save as HTML", () => save(`${title}.html`, "text/html", page(title, parts, host)))] : []),
    item("Save as Markdown", () => save(`${title}.md`, "text/markdown", asMarkdown(state))),
    item("Save as JSON", () => save(`${title}.json`, "application/json", asJson(state))),
    item("Save the tree as SVG", () => save(`${title}.svg`, "image/svg+xml", svg())),
    item("Copy the tree as text", () => copy(asText(state), button)),
  ];
  const onkeydown = (event: KeyboardEvent): void => {
    const at = items.indexOf(event.target as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    items.at(to % items.length)!.focus();
    taken(event);
  };
  const place = (event: ToggleEvent): void => {
    const { right, bottom } = button.getBoundingClientRect();
    list.style.cssText = `right:${document.documentElement.clientWidth - right}px;top:${bottom + 4}px`;
    if (event.type === "toggle" && event.newState === "open") items[0].focus();
  };
  const list = h("div", { class: "menu", popover: "auto", role: "menu", "aria-label": "Export", onbeforetoggle: place, ontoggle: place, onkeydown }, ...items);
  const button = h("button", { class: "b", title: "Export", "aria-haspopup": "menu" }, icon("more"));
  button.popoverTargetElement = list;
  return h("span", "", button, list);
}
