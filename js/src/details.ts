/** The details of the selected node: where it is, all that is said of it, and what to copy. */

import { card } from "./card";
import { copyButton, h, scroller } from "./dom";
import { above, firstPath, pathOf } from "./paths";
import { Topic, type State } from "./state";
import type { Story } from "./story";

export function details(state: State, { about }: Story): HTMLElement {
  const { model } = state;
  const element = scroller("details", "Details", {});
  const draw = (): void => {
    const node = Math.max(0, state.chosen);
    const steps = [0, ...above(model, node)].map((n) => h("button", { class: "step", onclick: () => state.choose(n) }, n ? model.name[n] : model.type[0]));
    const copies = node ? [copyButton("Copy path", () => pathOf(model, node)), copyButton("Copy model.get_submodule(…)", () => `model.get_submodule("${firstPath(model, node)}")`, "code")] : [];
    const said = node ? about(node) : [];
    element.replaceChildren(
      h("div", "trail", h("span", "gap", ...steps), ...copies),
      card(model, node, true),
      said[0] ? h("button", { class: "link", onclick: () => said[0].focus() }, `Said of it: ${said.length} sentence${said.length > 1 ? "s" : ""}`) : "",
      node ? "" : h("p", "dim", "Arrows walk the tree, Enter selects, * opens all beside, letters jump."),
    );
    element.scrollTop = 0;
  };
  state.listen((topic) => topic === Topic.Chosen && draw());
  draw();
  return element;
}
