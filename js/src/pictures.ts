/** Drawings of the model and its blocks, as Python has laid them out; their shapes are linked with the rows. */

import { div, draw, mark } from "./dom";
import { tint } from "./kinds";
import { Topic, type State } from "./state";
import type { Picture, Shape } from "./types";

const ANCHORS = ["start", "middle", "end"];

export function pictures(state: State): HTMLElement {
  const { model } = state;
  const shape = ([row, kind, [x, y, width, height, rx], words]: Shape): SVGElement =>
    draw(
      "g",
      { ...tint("shape", kind), "data-n": row < 0 ? row : (model.rowAt?.[row] ?? row) },
      draw("rect", { x, y, width, height, rx, "fill-opacity": rx > 6 ? 0.04 : 0.15 }),
      ...words.map(([x, y, anchor, size, strong, text]) => draw("text", { x, y, "text-anchor": ANCHORS[anchor], "font-size": size, "font-weight": strong ? 600 : null }, text)),
    );
  const picture = ([title, , width, height, lines, heads, shapes]: Picture): SVGElement =>
    draw("svg", { viewBox: `0 0 ${width} ${height}`, style: `width:${width}px`, role: "img", "aria-label": title }, draw("path", { d: lines }), draw("path", { d: heads, fill: "currentColor" }), ...shapes.map(shape));
  const element = div("pictures", ...model.pictures.map(picture));
  state.listen((topic) => {
    if (topic !== Topic.Lit && topic !== Topic.Chosen) return;
    for (const shape of element.querySelectorAll<SVGElement>("[data-n]")) mark(shape, { lit: state.lights.includes(+shape.dataset.n!), sel: +shape.dataset.n! === state.chosen });
  });
  return element;
}
