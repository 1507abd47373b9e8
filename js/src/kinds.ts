/** The kinds of layers: a letter, so that colour is never the only mark, and a hue. */

const KINDS: Record<string, [letter: string, hue: number | null]> = {
  embedding: ["E", 255],
  position: ["P", 225],
  attention: ["A", 300],
  "feed-forward": ["F", 150],
  normalization: ["N", 200],
  convolution: ["C", 275],
  pooling: ["↓", 220],
  recurrent: ["R", 345],
  mixer: ["M", 320],
  experts: ["X", 15],
  linear: ["L", 250],
  activation: ["ƒ", 75],
  regularization: ["D", null],
  container: ["≡", null],
  head: ["H", 30],
  block: ["B", 180],
  model: ["◆", 265],
  adapter: ["+", 100],
  other: ["·", null],
};

export const letter = (kind: string): string => (KINDS[kind] ?? KINDS.other)[0];

/** Sets the hue of an element; kinds that only hold others, or do little, stay grey. */
export function tint<E extends HTMLElement>(element: E, kind: string): E {
  const hue = (KINDS[kind] ?? KINDS.other)[1];
  if (hue === null) element.classList.add("grey");
  else element.style.setProperty("--hue", String(hue));
  return element;
}
