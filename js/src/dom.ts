/** Making elements. Text enters by text nodes alone, so nothing that a model is called can become markup. */

export type Kid = Node | string | false | null | undefined;
type Attributes = Record<string, unknown>;

/** `about` is the class, or attributes; those that begin with "on" are listeners, and null leaves one out. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, about: About = "", ...kids: Kid[]): HTMLElementTagNameMap[K] {
  const element = set(document.createElement(tag), typeof about === "string" ? { class: about || null } : about);
  element.append(...kids.filter((kid): kid is Node | string => !!kid));
  return element;
}

type About = string | Attributes;

export const span = (about: About = "", ...kids: Kid[]): HTMLElement => h("span", about, ...kids);
export const div = (about: About = "", ...kids: Kid[]): HTMLElement => h("div", about, ...kids);

export function set<E extends Element>(element: E, attributes: Attributes): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") Object.assign(element, { [name]: value });
    else if (value == null) element.removeAttribute(name);
    else element.setAttribute(name, String(value));
  }
  return element;
}

/** Classes on or off, as they hold. */
export function mark(element: Element, classes: Record<string, boolean>): void {
  for (const [name, holds] of Object.entries(classes)) element.classList.toggle(name, holds);
}

const ICONS = {
  chevron: "M6 4l4 4-4 4",
  code: "M6 4L2 8l4 4M10 4l4 4-4 4",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  done: "M3 8.5l3.5 3.5L13 4.5",
  expand: "M4 6.5l4-4 4 4M4 9.5l4 4 4-4",
  collapse: "M4 2.5l4 4 4-4M4 13.5l4-4 4 4",
  up: "M4 10l4-4 4 4",
  down: "M4 6l4 4 4-4",
  find: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.5 10.5L14 14",
  more: "M8 2v8M5 7l3 3 3-3M2.5 11v2.5h11V11",
  flow: "M3 2.5v11M1 11l2 2.5L5 11M8 4h6M8 8h4M8 12h6",
  left: "M2 3h12v10H2zM6.5 3v10M3.5 6h1.5M3.5 8h1.5",
  right: "M2 3h12v10H2zM9.5 3v10M11 6h1.5M11 8h1.5",
};
/** A part of the view that scrolls by itself. */
export function scroller(name: string, label: string, about: Attributes, ...kids: Kid[]): HTMLElement {
  return div({ class: `scroll ${name}`, role: "region", "aria-label": label, tabindex: 0, ...about }, ...kids);
}

type Icon = keyof typeof ICONS;

/** An element of a picture. */
export function draw(tag: "svg" | "path" | "g" | "rect" | "text", attributes: Attributes, ...kids: (Node | string)[]): SVGElement {
  const element = set(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes);
  element.append(...kids);
  return element;
}

export const icon = (name: Icon): SVGElement => draw("svg", { viewBox: "0 0 16 16", "aria-hidden": true }, draw("path", { d: ICONS[name] }));

/** A button that is only an icon; its title is its name. */
export function button(title: string, name: Icon, onclick: (event: MouseEvent) => void): HTMLButtonElement {
  return h("button", { class: "b", title, onclick }, icon(name));
}

/** Puts text on the clipboard; tells whether that could be done. */
export function copy(text: string, by: HTMLElement): boolean {
  // By a selection, the old way: in frames of another origin (Colab) the clipboard's own interface is refused.
  const area = h("textarea", { style: "position:fixed" }, text);
  by.after(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  by.focus();
  return done;
}

/** A button that copies, and shows for a moment that it did. */
export function copyButton(title: string, text: () => string, name: Icon = "copy"): HTMLButtonElement {
  const element = button(title, name, () => copy(text(), element) && confirm(element, name));
  return element;
}

function confirm(element: HTMLElement, name: Icon): void {
  element.replaceChildren(icon("done"));
  setTimeout(() => element.replaceChildren(icon(name)), 1200);
}

/** A native list to choose from: [value, text] each. */
export function choice(label: string, options: (readonly [string, string])[], onpick: (value: string) => void): HTMLSelectElement {
  const element: HTMLSelectElement = h("select", { "aria-label": label, title: label, onchange: () => onpick(element.value) }, ...options.map(([value, text]) => h("option", { value }, text)));
  return element;
}

/** What may wait until the page has been painted. */
export function later(act: () => void): void {
  // Safari has no idle callbacks.
  if ("requestIdleCallback" in globalThis) requestIdleCallback(act, { timeout: 100 });
  else setTimeout(act, 20);
}

/** Whether a key comes without the modifiers that make it a command of the browser or the host. */
export const bare = (event: KeyboardEvent): boolean => !event.ctrlKey && !event.metaKey && !event.altKey;

/** A key that was ours: the host must not act on it too. */
export function taken(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}
