/**
 * The kernel's link: a widget that is never displayed. Its one trait, `selected`, maps an explanation's id to the selected path.
 *
 * It only adds listeners, since JupyterLab runs `initialize` in untrusted notebooks too.
 */

import { asker } from "./ask";
import { joinAll, type Doc } from "./registry";
import type { AnyModel } from "./widget";

type Selected = Record<string, string | null>;

function initialize({ "model": model, signal }: { "model": AnyModel; signal?: AbortSignal }): () => void {
  const joined = new Set<WeakRef<Doc>>();
  const selected = (): Selected => (model.get("selected") as Selected | undefined) ?? {};
  const pick = (id: string, path: string): void => {
    model.set("selected", { ...selected(), [id]: path });
    model.save_changes();
  };
  const show = (doc: Doc): void => {
    const path = selected()[doc.id];
    if (path !== undefined && path !== doc.selected) doc.show(path);
  };
  const all = (): void => {
    for (const ref of joined) {
      const doc = ref.deref();
      if (doc) show(doc);
      else joined.delete(ref);
    }
  };
  const undo: (() => void)[] = [];
  undo.push(
    joinAll((doc) => {
      const tell = (path: string): void => {
        pick(doc.id, path);
        // Other documents of the same explanation follow.
        all();
      };
      doc.picked.add(tell);
      doc.ask = asker(model, signal, doc.id);
      const ref = new WeakRef(doc);
      undo.push(() => {
        const still = ref.deref();
        still?.picked.delete(tell);
        delete still?.ask;
      });
      joined.add(ref);
      show(doc);
    }),
  );
  model.on("change:selected", all);
  undo.push(() => model.off("change:selected", all));
  const stop = (): void => undo.forEach((back) => back());
  signal?.addEventListener("abort", stop);
  return stop;
}

export default { initialize };
