/** The view as a displayed anywidget. Traits: `payload` (as the document carries it), `selected`, `height`, `compact`. */

import { decode } from "./payload";
import type { Link, Options } from "./types";
import { view } from "./view";

/** What anywidget hands over, 0.9 and 0.11 alike; `signal` is there since 0.11. */
export interface AnyModel {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
}

interface Context {
  "model": AnyModel;
  el: HTMLElement;
  signal?: AbortSignal;
}

function linkTo(model: AnyModel): Link {
  const selected = (): string | null => (model.get("selected") as string | null | undefined) ?? null;
  return {
    get selected() {
      return selected();
    },
    select(path) {
      model.set("selected", path);
      model.save_changes();
    },
    subscribe(listener, signal) {
      const tell = (): void => listener(selected());
      model.on("change:selected", tell);
      signal.addEventListener("abort", () => model.off("change:selected", tell));
    },
  };
}

async function render({ "model": model, el }: Context): Promise<() => void> {
  const stop = new AbortController();
  const host = document.createElement("div");
  el.append(host);
  const root = host.attachShadow({ mode: "open" });
  const draw = async (): Promise<void> => {
    const options: Options = { compact: !!model.get("compact"), height: model.get("height") as number, signal: stop.signal };
    const data = await decode(model.get("payload") as string);
    if (!stop.signal.aborted) view(root, data, linkTo(model), options);
  };
  await draw();
  return () => {
    stop.abort();
    host.remove();
  };
}

export default { initialize: (): void => undefined, render };
