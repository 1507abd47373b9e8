/** The marks that say how far to trust a sentence, and badges. */

import { span } from "./dom";
import type { Basis } from "./types";

export const MEANINGS: Record<Basis, string> = {
  measured: "read off the model or its print",
  derived: "arithmetic on what is measured",
  config: "the model’s config says so",
  named: "follows from the name of a class",
  assumed: "a convention or a made-up choice, which may be wrong",
};

/** d, c, n or a; nothing for what is measured. */
export function basisMark(basis: Basis): HTMLElement | false {
  return basis !== "measured" && span({ class: `mark ${basis}`, role: "img", title: `${basis}: ${MEANINGS[basis]}`, "aria-label": basis }, basis[0]);
}

export const badges = (texts: string[]): HTMLElement[] => texts.map((text) => (text === "assumed" && basisMark(text)) || span("badge", text));
