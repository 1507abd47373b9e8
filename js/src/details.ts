/** The details of the selected node: where it is, all that is said of it, what to copy, and its source where a kernel can tell. */

import { card } from "./card";
import { copyButton, div, h, scroller } from "./dom";
import { above, firstPath, pathOf } from "./paths";
import { Topic, type State } from "./state";
import type { Story } from "./story";
import type { Link } from "./types";

/** A button for the sentences that rest on a node, one after the other. */
function toSaid(said: HTMLElement[]): HTMLElement | string {
  let at = -1;
  const text = (): string => `In the explanation: ${at < 0 ? "" : `${at + 1} of `}${said.length}`;
  const next = (): void => {
    at = (at + 1) % said.length;
    said[at].focus();
    said[at].scrollIntoView({ block: "nearest" });
    element.textContent = text();
  };
  const element = h("button", { class: "link", onclick: next }, text());
  return said.length ? element : "";
}

function sourceOf(link: Link, path: string): HTMLElement {
  const ask = (): void => {
    const shown = h("pre", { tabindex: 0 }, "Asking the kernel …");
    button.replaceWith(shown);
    link.ask!(path)
      .catch(() => "")
      .then((text) => shown.replaceChildren(text || "The kernel cannot tell."));
  };
  const button = h("button", { class: "link", onclick: ask }, "Source of forward()");
  return button;
}

export function details(state: State, { about }: Story, link: Link): HTMLElement {
  const { model } = state;
  const element = scroller("details", "Details", {});
  const draw = (): void => {
    const node = Math.max(0, state.chosen);
    const path = pathOf(model, node);
    const steps = [0, ...above(model, node)].map((n) => h("button", { class: "step", onclick: () => state.choose(n) }, n ? model.names[n] : model.types[0]));
    const copies = node ? [copyButton("Copy path", () => path), copyButton("Copy model.get_submodule(…)", () => `model.get_submodule(${JSON.stringify(firstPath(model, node))})`, "code")] : [];
    element.replaceChildren(
      div("trail", h("nav", { class: "gap", "aria-label": "Where it is" }, ...steps), ...copies),
      card(model, node, true),
      node ? toSaid(about(node)) : h("p", "dim", "Arrows walk the tree, Enter selects, * opens all beside, letters jump."),
      link.ask && model.qualified[node] ? sourceOf(link, path) : "",
    );
    element.scrollTop = 0;
  };
  state.listen((topic) => (topic === Topic.Chosen || topic === Topic.Level) && draw());
  draw();
  return element;
}
