/** Light or dark: the host's own marks first, then its background, then the system. One watcher a page serves all views. */

import { registry } from "./registry";

const system = "(prefers-color-scheme: dark)";

function isDark(host: Element): boolean {
  const { body, documentElement: html } = document;
  const jupyter = body.getAttribute("data-jp-theme-light");
  const colab = html.getAttribute("theme");
  if (jupyter) return jupyter === "false";
  if (/vscode-/.test(body.className)) return !/vscode-(high-contrast-)?light/.test(body.className);
  if (colab) return colab === "dark";
  return !!host.closest(".dark,[data-theme=dark]") || (behind(host) ?? matchMedia(system).matches);
}

/** Whether the first opaque colour behind an element is dark; undefined where nothing is painted. */
function behind(host: Element): boolean | undefined {
  for (let at: Element | null = host; at; at = at.parentElement ?? (at.getRootNode() as Partial<ShadowRoot>).host ?? null) {
    const color = getComputedStyle(at).backgroundColor;
    if (color === "rgba(0, 0, 0, 0)") continue;
    const [r, g, b, alpha] = channels(color);
    if (alpha > 127) return 3 * r + 6 * g + b < 1280;
  }
  return undefined;
}

let brush: CanvasRenderingContext2D | null = null;

/** Red, green, blue and alpha, up to 255, of any colour, which may also be said as color(srgb 1 1 1), as marimo does, or oklch(...): it is painted. */
export function channels(color: string): Uint8ClampedArray {
  brush ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
  brush.clearRect(0, 0, 1, 1);
  brush.fillStyle = color;
  brush.fillRect(0, 0, 1, 1);
  return brush.getImageData(0, 0, 1, 1).data;
}

/** Keeps a view's theme. The page holds it weakly: an output that was cleared must not be kept alive by it. */
export function follow(host: Element, frame: HTMLElement): void {
  const apply = (): void => void frame.classList.toggle("dark", isDark(host));
  const applies = (registry().themes ??= watch());
  // The element keeps the function, the function the element, and the page neither.
  Object.assign(frame, { apply });
  applies.add(new WeakRef(apply));
  apply();
  // Outputs are often drawn before they are in the page.
  requestAnimationFrame(apply);
}

function watch(): Set<WeakRef<() => void>> {
  const applies = new Set<WeakRef<() => void>>();
  const all = (): void => applies.forEach((ref) => ref.deref()?.() ?? (ref.deref() || applies.delete(ref)));
  const observer = new MutationObserver(all);
  for (const element of [document.documentElement, document.body]) observer.observe(element, { attributes: true });
  matchMedia(system).addEventListener("change", all);
  return applies;
}
