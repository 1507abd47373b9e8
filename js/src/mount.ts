/** Starts the view of a document in its shadow root, and joins it to whatever link there is. */

import { decode } from "./payload";
import { announce, registry, type Doc, type Mount } from "./registry";
import type { Link } from "./types";
import { view } from "./view";

interface Colab {
  colab?: {
    kernel?: {
      accessAllowed?: boolean;
      invokeFunction(name: string, args: unknown[], kwargs: object): Promise<{ data?: Record<string, unknown> }>;
    };
  };
}

const page = registry();
/** Of this program, as this module is run while it is unpacked. */
const program = page.source;

export const mount: Mount = (root, data, options) => {
  const listeners = new Set<(path: string | null) => void>();
  const doc: Doc & { selected: string | null } = {
    id: options.id,
    selected: options.selected ?? null,
    picked: new Set(),
    show(path) {
      doc.selected = path;
      listeners.forEach((listener) => listener(path));
    },
  };
  const link: Link = {
    get selected() {
      return doc.selected;
    },
    select(path) {
      doc.selected = path;
      doc.picked.forEach((tell) => tell(path));
      colab?.pick(path);
    },
    subscribe(listener, signal) {
      listeners.add(listener);
      signal.addEventListener("abort", () => listeners.delete(listener));
    },
    get ask() {
      return doc.ask ?? colab?.ask;
    },
  };
  const colab = options.id ? joinColab(doc) : undefined;
  view(root, decode(data), link, { ...options, parts: program === undefined ? undefined : { program, data } });
  // The document lives as long as its element does.
  (root as ShadowRoot & { archmagic?: Doc }).archmagic = doc;
  if (options.id) announce(doc);
};

/**
 * In a live Colab output registered Python functions can be called without any widget. Each output is a frame of its own there, so what is
 * picked in one, or set in Python, reaches the others over a channel (colabtools issue 19). Gives how to tell of a pick, and to ask.
 */
function joinColab(doc: Doc): { pick(path: string): void; ask(path: string): Promise<string> } | undefined {
  const kernel = (globalThis as { google?: Colab }).google?.colab?.kernel;
  if (!kernel?.accessAllowed) return undefined;
  const channel = new BroadcastChannel("archmagic");
  channel.onmessage = ({ data }: MessageEvent<[string, string | null]>) => data[0] === doc.id && doc.show(data[1]);
  return {
    pick(path) {
      channel.postMessage([doc.id, path]);
      kernel.invokeFunction("archmagic.select", [doc.id, path], {}).catch(() => undefined);
    },
    ask: async (path) => String((await kernel.invokeFunction("archmagic.source", [doc.id, path], {})).data?.["text/plain"] ?? ""),
  };
}
