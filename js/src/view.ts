/** Puts the panes together: print and tree side by side, the explanation and the details beneath. */

import { details } from "./details";
import { bare, div, h, icon, later, mark, set, taken } from "./dom";
import { menu } from "./menu";
import { ordered } from "./order";
import { pathOf, resolve } from "./paths";
import { print } from "./print";
import { divider } from "./split";
import { createState, Topic, type Origin, type State } from "./state";
import { story } from "./story";
import { follow } from "./theme";
import { toolbar } from "./toolbar";
import { tooltip, type Tooltip } from "./tooltip";
import { tree, type Pane } from "./tree";
import type { Link, Model, Options } from "./types";
import styles from "./view.css";

const COMPACT = 320;
const BAR = 34;

export function view(root: ShadowRoot, model: Model, link: Link, { compact = false, height = 0, signal, parts }: Options = {}): void {
  const host = root.host as HTMLElement;
  const state = createState(model);
  const tip = tooltip(model);
  const most = height || innerHeight - 40;
  const upper = compact ? COMPACT - BAR : most * 0.56;
  const right = tree(state, upper, (row, node) => row.matches(":focus-visible") && tip.enter(node, row, row.getBoundingClientRect().left + 60));
  const left = print(state, upper);

  const printed = div("pane left", left.scroller, left.tools);
  const modules = div("pane", right.scroller);
  const between = divider("Print width", true, printed);
  const panes = div({ class: "panes", style: `max-height:${upper}px` }, printed, between, modules);
  const lone = compact && model.total < 2;
  const stop = new AbortController();
  signal?.addEventListener("abort", () => stop.abort());
  /** Between the order of registration and that of execution: the same view of another tree. */
  const reorder = (): void => {
    stop.abort();
    view(root, Object.assign(model.base ?? ordered(model), { level: state.level }), link, { compact, height, parts, ...(signal && { signal }) });
  };
  const sized = (): void => {
    between.hidden = printed.hidden || modules.hidden;
    mark(panes, { one: between.hidden });
  };
  const frame = div({ class: lone ? "frame single" : "frame", style: `max-height:${compact ? COMPACT : most}px` }, !lone && toolbar(state, [printed, modules], menu(state, host, parts), sized, reorder), panes);
  const below = div("below", div("pane"), div("pane"));
  const fill = (): void => {
    if (below.textContent) return;
    const told = story(state);
    (below.firstChild as Element).append(told.bar, told.scroller);
    (below.lastChild as Element).append(details(state, told, link));
    connect(state, told.pictures, "story", tip);
    frame.style.height = "";
  };
  if (compact) frame.append(...(lone ? [] : folded(below, frame, panes, most, fill)));
  else {
    // In its place already; what it says comes once print and tree have been painted.
    frame.style.height = `${most}px`;
    frame.append(...resizable(below, frame, panes));
    later(fill);
  }

  const wrap = div("wrap", frame, tip.element);
  root.replaceChildren(h("style", "", styles), wrap, h("slot"));
  follow(host, wrap);
  connect(state, left.scroller, "print", tip);
  connect(state, right.scroller, "tree", tip);
  bringIntoSight(state, left, right);
  keepKeys(host, wrap, stop.signal);
  join(state, link, stop.signal);
}

/** What is beneath print and tree, between the dividers that size it. */
const resizable = (below: HTMLElement, frame: HTMLElement, panes: HTMLElement): HTMLElement[] => [divider("Pane height", false, panes), below, divider("View height", false, frame)];

/** The same behind a button, and not made before it is asked for. */
function folded(below: HTMLElement, frame: HTMLElement, panes: HTMLElement, most: number, fill: () => void): HTMLElement[] {
  const rest = resizable(below, frame, panes);
  const show = (open: boolean): void => {
    if (open) fill();
    rest.forEach((element) => (element.hidden = !open));
    set(toggle, { "aria-expanded": open });
    frame.style.height = "";
    frame.style.maxHeight = `${open ? Math.max(most, COMPACT + 200) : COMPACT}px`;
  };
  const toggle = h("button", { class: "more", onclick: () => show(below.hidden) }, icon("chevron"), "Explanation");
  show(false);
  return [toggle, ...rest];
}

/** Hover, click and keys, the same in both panes and in the pictures: what is under the pointer lights up elsewhere, and has its tooltip. */
function connect(state: State, scroller: HTMLElement, from: Origin, tip: Tooltip): void {
  const row = (event: Event): HTMLElement | null => (event.target as Element).closest<HTMLElement>("[data-n]");
  const nodeOf = (element: HTMLElement | null): number => +(element?.dataset.n ?? -1);
  const listen = (type: string, listener: (event: PointerEvent) => void): void => scroller.addEventListener(type, listener as EventListener);
  // On a move, not on `over`: rows that come under a pointer at rest, by scrolling or as a tooltip closes, are not meant.
  listen("pointermove", (event) => {
    const element = row(event);
    const node = nodeOf(element);
    state.light(node < 0 ? [] : [node], from);
    if (element && node >= 0) tip.enter(node, element, event.clientX);
    else tip.leave();
  });
  listen("pointerleave", () => {
    state.light([], "");
    tip.leave();
  });
  listen("focusout", tip.leave);
  // Only where it moves the row that the tooltip is of: the other pane scrolls by itself, to what is lit.
  listen("scroll", () => scroller.querySelector("[aria-describedby]") && tip.hide());
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
    if (from === "tree") scroller.querySelector<HTMLElement>("[tabindex='0']")?.focus();
  });
}

function bringIntoSight(state: State, left: Pane, right: Pane): void {
  // After a moment, so that passing over does not jerk it.
  let timer: ReturnType<typeof setTimeout>;
  state.listen((topic) => {
    if (topic !== Topic.Lit) return;
    clearTimeout(timer);
    const [node] = state.lights;
    if (node === undefined) return;
    timer = setTimeout(() => {
      if (state.origin !== "print") left.show(node);
      if (state.origin !== "tree") right.show(node);
    }, 120);
  });
}

/**
 * Single letters are commands of the notebook. Ours stop at our host, but Lumino (JupyterLab) listens in the capture phase, before us:
 * it leaves out what carries this attribute, set only while such a key is pressed in the view, so that Ctrl-S still saves.
 */
function keepKeys(host: HTMLElement, wrap: HTMLElement, signal: AbortSignal): void {
  const guard = (event: KeyboardEvent): void => void set(host, { "data-lm-suppress-shortcuts": bare(event) || null });
  host.addEventListener("focusin", () => addEventListener("keydown", guard, true), { signal });
  host.addEventListener("focusout", () => removeEventListener("keydown", guard, true), { signal });
  // Letters, arrows and what presses a button are ours; Escape, which leaves us, and F-keys are not.
  // `void`, here as in the print: a listener that returns false prevents what the browser does, so no Tab would leave and no Ctrl-C copy.
  wrap.onkeydown = (event) => void (bare(event) && /^(.|Enter|Arrow.*|Home|End|Backspace|Delete)$/.test(event.key) && event.stopPropagation());
}

function join(state: State, link: Link, signal: AbortSignal): void {
  const show = (path: string | null): void => {
    const node = path === null ? -1 : resolve(state.model, path);
    if (node !== state.chosen) state.choose(node);
  };
  show(link.selected);
  link.subscribe(show, signal);
  state.listen((topic) => {
    if (topic !== Topic.Chosen || signal.aborted || state.chosen < 0) return;
    const path = pathOf(state.model, state.chosen);
    if (path !== link.selected) link.select(path);
  });
}
