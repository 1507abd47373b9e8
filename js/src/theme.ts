/** Light or dark: the host's own marks first, then its background, then the system. One watcher a page serves all views. */

import { registry } from "./registry";

const system = "(prefers-color-scheme: dark)";

export function isDark(host: Element): boolean {
  const { body, documentElement: html } = document;
  if (body.hasAttribute("data-jp-theme-light")) return body.getAttribute("data-jp-theme-light") === "false";
  if (/\bvscode-/.test(body.className)) return !/\bvscode-(light|high-contrast-light)\b/.test(body.className);
  const colab = html.getAttribute("theme");
  if (colab) return colab === "dark";
  if (html.matches(".dark, [data-theme=dark]") || body.matches(".dark, .dark-theme, [data-theme=dark]")) return true;
  return behind(host) ?? matchMedia(system).matches;
}

/** Whether the first opaque colour behind an element is dark; null where nothing is painted. */
function behind(host: Element): boolean | null {
  let at: Element | null = host;
  while (at) {
    const [r, g, b, alpha = 1] = (getComputedStyle(at).backgroundColor.match(/[\d.]+/g) ?? ["0", "0", "0", "0"]).map(Number);
    if (alpha > 0.5) return 0.299 * r + 0.587 * g + 0.114 * b < 128;
    at = at.parentElement ?? ((at.getRootNode() as ShadowRoot).host as Element | undefined) ?? null;
  }
  return null;
}

/** Keeps a view's theme. Holds it weakly: an output that was cleared must not be kept alive by the page. */
export function follow(host: HTMLElement, frame: HTMLElement): void {
  const themes = (registry().themes ??= watch());
  const apply = (): void => void frame.classList.toggle("dark", isDark(host));
  // The host's element holds the closure, the page only a weak reference to it.
  (frame as HTMLElement & { applyTheme?: () => void }).applyTheme = apply;
  themes.add(new WeakRef(frame));
  apply();
  // Outputs are often drawn before they are in the page.
  if (!host.isConnected) requestAnimationFrame(apply);
}

function watch(): Set<WeakRef<HTMLElement>> {
  const frames = new Set<WeakRef<HTMLElement>>();
  const all = (): void => {
    for (const ref of frames) {
      const frame = ref.deref() as (HTMLElement & { applyTheme?: () => void }) | undefined;
      if (frame) frame.applyTheme?.();
      else frames.delete(ref);
    }
  };
  const observer = new MutationObserver(all);
  for (const element of [document.documentElement, document.body]) observer.observe(element, { attributes: true });
  matchMedia(system).addEventListener("change", all);
  return frames;
}
