/** The kinds of layers: a letter, so that colour is never the only mark, and a hue; those that only hold others, or do little, stay grey. */

import { span } from "./dom";

const KINDS = new Map(
  (
    "embedding E 255,position P 225,attention A 300,feed-forward F 150,normalization N 200,convolution C 275,pooling ↓ 220,recurrent R 345," +
    "mixer M 320,experts X 15,linear L 250,activation ƒ 75,regularization D,container ≡,head H 30,block B 180,model ◆ 265,adapter + 100,operation ○"
  )
    .split(",")
    .map((line) => line.split(" "))
    .map(([kind, letter, hue]) => [kind, { letter, hue }]),
);

export const letterOf = (kind: string): string => KINDS.get(kind)?.letter ?? "·";

/** As prose names it: Normalisation, where facts and styles say normalization. */
export const kindName = (kind: string): string => kind.replace(/^./, (c) => c.toUpperCase()).replace("iz", "is");

/** The letter in its little field. The type's name says the same to those who hear it. */
export const kindMark = (kind: string): HTMLElement => span({ class: "kind", "aria-hidden": true }, letterOf(kind));

/** The attributes that colour an element by kind. */
export function tint(className: string, kind: string): { class: string; style: string | null } {
  const hue = KINDS.get(kind)?.hue;
  return { class: hue ? className : `${className} grey`, style: hue ? `--hue:${hue}` : null };
}
