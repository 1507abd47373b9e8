/** Puts the panes together: print and tree side by side, the explanation and the details beneath. */

import { card, trail } from "./card";
import { copyButton, h, icon, set } from "./dom";
import { findBox } from "./find";
import { pathOf, resolve } from "./paths";
import { LINE, Print } from "./print";
import { divider } from "./split";
import { State } from "./state";
import { Story } from "./story";
import { follow } from "./theme";
import { Tooltip } from "./tooltip";
import { ROW, Tree, treeTools } from "./tree";
import type { Link, Model, Options } from "./types";
import styles from "./view.css";

const BAR = 31;
const COMPACT = 320;

export function view(root: ShadowRoot, model: Model, link: Link, options: Options = {}): void {
  const state = new State(model);
  const height = options.height || innerHeight - 40;
  const tip = new Tooltip(model);
  const tree = new Tree(state, (row, node) => {
    row.onfocus = () => row.matches(":focus-visible") && tip.enter(node, row, row.getBoundingClientRect().left + 60);
    row.onblur = () => tip.leave();
  });
  const print = new Print(state);
  const panes = h("div", "panes", printPane(model, print), h("div"), treePane(state, tree));
  const frame = set(h("div", options.compact ? "frame compact" : "frame", panes), { role: "group", "aria-label": `archmagic: ${model.title}` });
  panes.children[1].replaceWith(
    divider("Width of the print", true, () => [panes.children[0].clientWidth, 120, panes.clientWidth - 200], (v) => panes.style.setProperty("--left", `${v}px`)),
  );
  const fit = grow(state, panes, height, !!options.compact);
  if (model.size < 2) frame.classList.add("single");
  else frame.append(...beneath(state, frame, panes, height, !!options.compact, fit));
  const wrap = h("div", "wrap", frame, tip.element);
  root.replaceChildren(h("style", "", styles), wrap, h("slot"));
  follow(root.host as HTMLElement, wrap);
  tips(tip, tree, print);
  scrollAlong(state, tree, print);
  keepKeys(root.host as HTMLElement);
  join(state, link, options.signal ?? new AbortController().signal);
}

function printPane(model: Model, print: Print): HTMLElement {
  const lines = model.lines.length;
  const tools = h("div", "bar", h("span", "what", "Print"), h("span", "dim", lines === 1 ? "1 line" : `${lines.toLocaleString("en-US")} lines`), h("span", "gap"), copyButton("Copy the print", () => model.lines.join("\n")));
  return h("div", "pane left", tools, print.scroller);
}

function treePane(state: State, tree: Tree): HTMLElement {
  return h("div", "pane right", h("div", "bar", findBox(state), h("span", "gap"), ...treeTools(state)), tree.scroller);
}

/** The panes are as high as what they show, up to their share of the whole; they grow as rows open, and never jump back. */
function grow(state: State, panes: HTMLElement, height: number, compact: boolean): { set(value: number): void } {
  let now = 0;
  let free = true;
  const most = (): number => (compact ? COMPACT - 34 : Math.max(150, Math.round(height * 0.56)));
  const fit = (): void => {
    const content = Math.max(state.model.lines.length * LINE, state.rows.length * ROW) + (state.model.size > 1 ? BAR : 0) + 14;
    now = Math.max(now, Math.min(content, most()));
    if (free) panes.style.setProperty("--panes", `${now}px`);
  };
  fit();
  state.on((topic) => topic === "rows" && fit());
  return {
    set(value) {
      free = false;
      panes.style.setProperty("--panes", `${value}px`);
    },
  };
}

function beneath(state: State, frame: HTMLElement, panes: HTMLElement, height: number, compact: boolean, fit: { set(value: number): void }): HTMLElement[] {
  const story = new Story(state);
  const details = detailsPane(state, story);
  const below = h("div", "below", h("div", "pane", story.scroller), details);
  const size = (value: number): void => {
    frame.style.height = frame.style.maxHeight = `${value}px`;
  };
  frame.style.maxHeight = `${compact ? COMPACT : height}px`;
  const between = divider("Height of print and tree", false, () => [panes.clientHeight, 90, frame.clientHeight - 90], (v) => fit.set(v));
  const bottom = divider("Height of the view", false, () => [frame.clientHeight, 160, 4000], size);
  bottom.classList.add("end");
  if (!compact) return [between, below, bottom];
  const toggle = set(h("button", "more", icon("chevron"), "Explanation"), { type: "button", "aria-expanded": false });
  below.hidden = between.hidden = bottom.hidden = true;
  toggle.onclick = () => {
    const open = (below.hidden = !below.hidden);
    between.hidden = bottom.hidden = open;
    set(toggle, { "aria-expanded": !open });
    frame.style.height = "";
    frame.style.maxHeight = `${open ? COMPACT : Math.max(height, COMPACT + 200)}px`;
  };
  return [between, toggle, below, bottom];
}

function detailsPane(state: State, story: Story): HTMLElement {
  const { model } = state;
  const body = set(h("div", "scroll details"), { role: "region", "aria-label": "Details", tabindex: 0 });
  const draw = (): void => {
    const node = Math.max(0, state.selected);
    const said = story.mentions(node);
    const jump = said > 0 && node > 0 && set(h("button", "link", said === 1 ? "Said of it: 1 sentence" : `Said of it: ${said} sentences`), { type: "button" });
    if (jump) jump.onclick = () => story.jump(node);
    const hint = h("p", "keys", "Arrow keys walk the tree, Enter selects, * opens all beside, letters jump.");
    body.replaceChildren(trail(model, node, (n) => state.select(n)), card(model, node, true), ...(jump ? [jump] : []), ...(state.selected < 0 ? [hint] : []));
    body.scrollTop = 0;
  };
  state.on((topic) => topic === "selected" && draw());
  draw();
  return h("div", "pane", body);
}

/** Tooltips on hover, in both panes; Escape closes them. */
function tips(tip: Tooltip, tree: Tree, print: Print): void {
  for (const pane of [tree, print]) {
    pane.scroller.addEventListener("pointerover", (event) => {
      const node = pane.nodeOf(event.target);
      const anchor = (event.target as Element).closest<HTMLElement>("[data-n], [data-l]");
      if (node >= 0 && anchor && event.pointerType !== "touch") tip.enter(node, anchor, event.clientX);
      else tip.leave();
    });
    pane.scroller.addEventListener("pointerleave", () => tip.leave());
    pane.scroller.addEventListener("scroll", () => tip.hide(), { passive: true });
    pane.scroller.addEventListener("pointerdown", () => tip.hide());
    pane.scroller.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !tip.shown) return;
      tip.hide();
      event.stopPropagation();
    });
  }
}

/** What lights up in one pane is brought into sight in the other, after a moment, so that passing over does not jerk it. */
function scrollAlong(state: State, tree: Tree, print: Print): void {
  let timer = 0;
  state.on((topic) => {
    if (topic !== "lit") return;
    clearTimeout(timer);
    const node = state.lit[0];
    if (node === undefined) return;
    timer = setTimeout(() => {
      if (state.litFrom !== "print") print.show(node);
      if (state.litFrom !== "tree") tree.reveal(node);
    }, 120);
  });
}

/**
 * Single letters are commands of the notebook. Ours stop at our host, but Lumino (JupyterLab) listens in the capture phase, before us:
 * it leaves out what carries this attribute, set only while such a key is pressed in the view, so that Ctrl-S still saves.
 */
function keepKeys(host: HTMLElement): void {
  const guard = (event: KeyboardEvent): void => {
    const ours = event.composedPath().includes(host) && !event.ctrlKey && !event.metaKey && !event.altKey;
    set(host, { "data-lm-suppress-shortcuts": ours || null });
  };
  host.addEventListener("focusin", () => addEventListener("keydown", guard, true));
  host.addEventListener("focusout", () => removeEventListener("keydown", guard, true));
}

function join(state: State, link: Link, signal: AbortSignal): void {
  let told: string | null = null;
  const show = (path: string | null): void => {
    told = path;
    const node = path === null ? -1 : resolve(state.model, path);
    if (node !== state.selected) state.select(node);
  };
  if (link.selected !== null) show(link.selected);
  link.subscribe(show, signal);
  state.on((topic) => {
    if (topic !== "selected" || signal.aborted || state.selected < 0) return;
    // A module inside a run, named from outside, is not overwritten by the run that stands for it.
    if (told !== null && resolve(state.model, told) === state.selected) return;
    told = pathOf(state.model, state.selected);
    link.select(told);
  });
}
