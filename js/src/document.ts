/** The program that travels in every document. It only hands its one function to whoever unpacked it. */

import { decode } from "./payload";
import { announce, registry, type Doc, type Mount } from "./registry";
import type { Link } from "./types";
import { view } from "./view";

interface Colab {
  colab?: { kernel?: { accessAllowed?: boolean; invokeFunction(name: string, args: unknown[], kwargs: object): Promise<unknown> } };
}

const mount: Mount = async (root, data, options) => {
  const model = await decode(data);
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
      colab?.(path);
    },
    subscribe: (listener) => void listeners.add(listener),
  };
  const colab = options.id ? joinColab(doc) : undefined;
  view(root, model, link, options);
  // The document lives as long as its element does.
  (root as ShadowRoot & { archmagic?: Doc }).archmagic = doc;
  if (options.id) announce(doc);
  return model;
};

/**
 * In a live Colab output a registered Python function can be called without any widget. Each output is a frame of its own there, so what is
 * picked in one, or set in Python, reaches the others over a channel (colabtools issue 19). Gives how to tell of a pick.
 */
function joinColab(doc: Doc): ((path: string) => void) | undefined {
  const kernel = (globalThis as { google?: Colab }).google?.colab?.kernel;
  if (!kernel?.accessAllowed) return undefined;
  const channel = new BroadcastChannel("archmagic");
  channel.onmessage = ({ data }: MessageEvent<[string, string | null]>) => data[0] === doc.id && doc.show(data[1]);
  return (path) => {
    channel.postMessage([doc.id, path]);
    kernel.invokeFunction("archmagic.select", [doc.id, path], {}).catch(() => undefined);
  };
}

registry().mount = mount;
