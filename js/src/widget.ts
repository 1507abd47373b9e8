/** The view as a displayed anywidget. Traits: `payload` (as the document carries it), `selected`, `height`, `compact`. */

import { inflate } from "./inflate";
import { decode } from "./payload";
import type { Link, Options } from "./types";
import { asker } from "./ask";
import { mount } from "./mount";
import { registry } from "./registry";
import { view } from "./view";

/** What anywidget hands over, 0.9 and 0.11 alike; `signal` is there since 0.11. */
export interface AnyModel {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  send(content: unknown): void;
  on(event: string, listener: (content: unknown) => void): void;
  off(event: string, listener: (content: unknown) => void): void;
}

interface Context {
  "model": AnyModel;
  el: HTMLElement;
  signal?: AbortSignal;
}

// A page that is saved from a widget starts like a document.
registry().mount = mount;

function linkTo(model: AnyModel, signal: AbortSignal): Link {
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
    ask: asker(model, signal),
  };
}

function render({ "model": model, el }: Context): () => void {
  const stop = new AbortController();
  const host = document.createElement("div");
  el.append(host);
  const root = host.attachShadow({ mode: "open" });
  const options: Options = { compact: !!model.get("compact"), height: model.get("height") as number, signal: stop.signal };
  const data = inflate(model.get("payload") as string);
  const program = model.get("_esm") as string | undefined;
  view(root, decode(data), linkTo(model, stop.signal), { ...options, parts: program ? { program, data } : undefined });
  return () => {
    stop.abort();
    host.remove();
  };
}

export default { initialize: (): void => undefined, render };
