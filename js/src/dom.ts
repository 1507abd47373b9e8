/** Making elements. Text enters by text nodes alone, so nothing that a model is called can become markup. */

export type Kid = Node | string | false | null | undefined;

export function h<K extends keyof HTMLElementTagNameMap>(tag: K, className = "", ...kids: Kid[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...kids.filter((kid): kid is Node | string => !!kid));
  return element;
}

export function set<E extends Element>(element: E, attributes: Record<string, string | number | boolean | null>): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) element.removeAttribute(name);
    else element.setAttribute(name, String(value));
  }
  return element;
}

export const ICONS = {
  chevron: "M6 4l4 4-4 4",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  done: "M3 8.5l3.5 3.5L13 4.5",
  expand: "M4 6.5L8 2.5l4 4M4 9.5l4 4 4-4",
  collapse: "M4 2.5l4 4 4-4M4 13.5l4-4 4 4",
  up: "M4 10l4-4 4 4",
  down: "M4 6l4 4 4-4",
  find: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.5 10.5L14 14",
};

export function icon(name: keyof typeof ICONS): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  set(svg, { viewBox: "0 0 16 16", class: "i", "aria-hidden": true });
  svg.append(set(document.createElementNS(space, "path"), { d: ICONS[name] }));
  return svg;
}

export function button(label: string, name: keyof typeof ICONS, onClick: (button: HTMLButtonElement) => void): HTMLButtonElement {
  const element = h("button", "b", icon(name));
  set(element, { type: "button", "aria-label": label, title: label });
  element.onclick = () => onClick(element);
  return element;
}

/** A button that copies, and shows for a moment that it did. */
export function copyButton(label: string, text: () => string): HTMLButtonElement {
  return button(label, "copy", async (element) => {
    if (!(await copy(text(), element))) return;
    element.replaceChildren(icon("done"));
    setTimeout(() => element.replaceChildren(icon("copy")), 1200);
  });
}

/** The clipboard is refused in frames of another origin (Colab): then by a selection, the old way. */
async function copy(text: string, near: Element): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea");
    area.value = text;
    area.style.cssText = "position:fixed;opacity:0";
    near.after(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    (near as HTMLElement).focus();
    return done;
  }
}
