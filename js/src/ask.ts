/** Questions to the kernel over a widget's messages: the source of a module's `forward`. */

import type { AnyModel } from "./widget";

interface Answer {
  "answer"?: number;
  "text"?: string;
}

let asked = 0;

/** What asks; answers find their questions by number. `id` tells the kernel which explanation is meant, where it has several. */
export function asker(model: AnyModel, signal: AbortSignal | undefined, id?: string): (path: string) => Promise<string> {
  return (path) =>
    new Promise((resolve) => {
      const number = ++asked;
      const hear = (content: unknown): void => {
        const { "answer": answer, "text": text = "" } = content as Answer;
        if (answer !== number) return;
        model.off("msg:custom", hear);
        resolve(text);
      };
      model.on("msg:custom", hear);
      signal?.addEventListener("abort", () => model.off("msg:custom", hear));
      model.send({ "ask": number, "source": path, "id": id });
    });
}
