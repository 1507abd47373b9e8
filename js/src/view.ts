/** Puts the panes together: print and tree side by side, the explanation and the details beneath. */

import { details } from "./details";
import { bare, button, copyButton, h, icon, mark, set, taken } from "./dom";
import { findBox } from "./find";
import { pathOf, resolve } from "./paths";
import { LINE, print } from "./print";
import { divider } from "./split";
import { createState, Topic, type State } from "./state";
import { story } from "./story";
import { follow } from "./theme";
import { tooltip, type Tooltip } from "./tooltip";
import { ROW, tree, type Pane } from "./tree";
import type { Link, Model, Options } from "./types";
import styles from "./view.css";

const BAR = 31;
const COMPACT = 320;

export function view(root: ShadowRoot, model: Model, link: Link, { compact = false, height = 0, signal }: Options = {}): void {
  const host = root.host as HTMLElement;
  const state = createState(model);
  const tip = tooltip(model);
  const right = tree(state, (row, node) => row.matches(":focus-visible") && tip.enter(node, row, row.getBoundingClientRect().left + 60));
  const left = print(state);
  const most = height || innerHeight - 40;

  const printed = h("div", "pane left", h("div", "bar", h("b", "", "Print"), h("span", "gap dim", `${model.lines.length} lines`), copyButton("Copy the print", () => model.lines.join("\n"))), left.scroller);
  const tools = [button("Expand all", "expand", () => state.expand(true)), button("Collapse all", "collapse", () => state.expand(false))];
  const panes = h("div", "panes", printed, divider("Width of the print", true, printed), h("div", "pane", h("div", "bar", findBox(state), h("span", "gap"), ...tools), right.scroller));
  const frame = h("div", { class: "frame", role: "group", "aria-label": model.title, style: `max-height:${compact ? COMPACT : most}px` }, panes);
  mark(frame, { single: model.total < 2 });
  if (model.total > 1) frame.append(...beneath(state, frame, panes, compact, most));
  grow(state, panes, compact ? COMPACT - 30 : Math.max(150, most * 0.56));

  const wrap = h("div", "wrap", frame, tip.element);
  root.replaceChildren(h("style", "", styles), wrap, h("slot"));
  follow(host, wrap);
  connect(state, left, right, tip);
  keepKeys(host);
  join(state, link, signal ?? new AbortController().signal);
}

/** The panes are as high as what they show, up to their share; they grow as rows open, and never jump back. */
function grow(state: State, panes: HTMLElement, most: number): void {
  let now = 0;
  const fit = (): void => {
    const content = Math.max(state.model.lines.length * LINE, state.rows.length * ROW) + (state.model.total > 1 ? BAR : 0) + 14;
    const wanted = Math.max(now, Math.min(content, most));
    // Not after the divider was dragged.
    if (!now || panes.style.height === `${now}px`) panes.style.height = `${(now = wanted)}px`;
  };
  fit();
  state.listen((topic) => topic === Topic.Rows && fit());
}

function beneath(state: State, frame: HTMLElement, panes: HTMLElement, compact: boolean, most: number): HTMLElement[] {
  const told = story(state);
  const below = h("div", "below", h("div", "pane", told.scroller), h("div", "pane", details(state, told)));
  const rest = [divider("Height of print and tree", false, panes), below, divider("Height of the view", false, frame, (size) => (frame.style.maxHeight = size))];
  if (!compact) return rest;
  const show = (open: boolean): void => {
    rest.forEach((element) => (element.hidden = !open));
    set(toggle, { "aria-expanded": open });
    frame.style.height = "";
    frame.style.maxHeight = `${open ? Math.max(most, COMPACT + 200) : COMPACT}px`;
  };
  const toggle = h("button", { class: "more", onclick: () => show(below.hidden) }, icon("chevron"), "Explanation");
  show(false);
  return [toggle, ...rest];
}

/** Hover, click and keys, the same in both panes: what is under the pointer lights up in the other, and has its tooltip. */
function connect(state: State, left: Pane, right: Pane, tip: Tooltip): void {
  const row = (event: Event): HTMLElement | null => (event.target as Element).closest<HTMLElement>("[data-n]");
  const nodeOf = (element: HTMLElement | null): number => +(element?.dataset.n ?? -1);
  for (const { scroller } of [left, right]) {
    const from = scroller === left.scroller ? "print" : "tree";
    const listen = (type: string, listener: (event: PointerEvent) => void): void => scroller.addEventListener(type, listener as EventListener);
    listen("pointerover", (event) => {
      const element = row(event);
      const node = nodeOf(element);
      state.light(node < 0 ? [] : [node], from);
      if (node >= 0 && event.pointerType !== "touch") tip.enter(node, element!, event.clientX);
      else tip.leave();
    });
    listen("pointerleave", () => {
      state.light([], "");
      tip.leave();
    });
    listen("focusout", tip.leave);
    listen("scroll", tip.hide);
    listen("pointerdown", tip.hide);
    scroller.addEventListener("keydown", (event) => event.key === "Escape" && tip.hide() && taken(event));
    listen("click", (event) => {
      const node = nodeOf(row(event));
      const chosen = (scroller.getRootNode() as unknown as Partial<Document>).getSelection?.() ?? getSelection();
      // A click that ends a selection of text is not a choice of a module.
      if (node < 0 || (from === "print" && chosen?.toString())) return;
      if ((event.target as Element).closest(".chev svg")) {
        state.go(node);
        state.flip(node);
      } else state.choose(node);
      if (from === "tree") scroller.querySelector<HTMLElement>("[tabindex='0']")?.focus({ preventScroll: true });
    });
  }
  // Brought into sight in the other pane after a moment, so that passing over does not jerk it.
  let timer = 0;
  state.listen((topic) => {
    if (topic !== Topic.Lit) return;
    clearTimeout(timer);
    const [node] = state.lights;
    if (node === undefined) return;
    timer = window.setTimeout(() => {
      if (state.origin !== "print") left.show(node);
      if (state.origin !== "tree") right.show(node);
    }, 120);
  });
}

/**
 * Single letters are commands of the notebook. Ours stop at our host, but Lumino (JupyterLab) listens in the capture phase, before us:
 * it leaves out what carries this attribute, set only while such a key is pressed in the view, so that Ctrl-S still saves.
 */
function keepKeys(host: HTMLElement): void {
  const guard = (event: KeyboardEvent): void => void set(host, { "data-lm-suppress-shortcuts": bare(event) || null });
  host.addEventListener("focusin", () => addEventListener("keydown", guard, true));
  host.addEventListener("focusout", () => removeEventListener("keydown", guard, true));
}

function join(state: State, link: Link, signal: AbortSignal): void {
  let told: string | null = null;
  const show = (path: string | null): void => {
    told = path;
    const node = path === null ? -1 : resolve(state.model, path);
    if (node !== state.chosen) state.choose(node);
  };
  if (link.selected !== null) show(link.selected);
  link.subscribe(show, signal);
  state.listen((topic) => {
    if (topic !== Topic.Chosen || signal.aborted || state.chosen < 0) return;
    // A module inside a run, named from outside, is not overwritten by the run that stands for it.
    if (told !== null && resolve(state.model, told) === state.chosen) return;
    link.select((told = pathOf(state.model, state.chosen)));
  });
}
