import assert from "node:assert/strict";
import { test } from "node:test";
import link from "../src/link";
import { announce, type Doc } from "../src/registry";
import type { AnyModel } from "../src/widget";

interface Sent {
  ask: number;
  source: string;
  id: string;
}

function kernel(): AnyModel & { saved: number; sent: Sent[]; answer(content: object): void; change(value: object): void } {
  let value: unknown = {};
  const listeners = new Set<(content: unknown) => void>();
  const model: ReturnType<typeof kernel> = {
    saved: 0,
    sent: [],
    send: (content) => void model.sent.push(content as Sent),
    answer: (content) => listeners.forEach((listener) => listener(content)),
    get: () => value,
    set: (_, to) => (value = to),
    save_changes() {
      this.saved++;
    },
    on: (_, listener) => listeners.add(listener),
    off: (_, listener) => listeners.delete(listener),
    change(to) {
      value = to;
      listeners.forEach((listener) => listener({}));
    },
  };
  return model;
}

function document(id: string): Doc & { selected: string | null } {
  const doc: Doc & { selected: string | null } = { id, selected: null, picked: new Set(), show: (path) => void (doc.selected = path) };
  return doc;
}

test("the link carries the selection both ways, whichever comes first, until it is stopped", () => {
  const before = document("a");
  announce(before);
  const model = kernel();
  const stop = link.initialize({ model });
  const after = document("a");
  const other = document("b");
  announce(after);
  announce(other);

  model.change({ a: "h.[0-2]" });
  assert.deepEqual([before.selected, after.selected, other.selected], ["h.[0-2]", "h.[0-2]", null]);

  before.picked.forEach((tell) => tell("wte"));
  assert.deepEqual(model.get("selected"), { a: "wte" });
  assert.equal(model.saved, 1);
  assert.equal(after.selected, "wte");

  stop();
  assert.equal(before.picked.size, 0);
  model.change({ a: "head" });
  assert.equal(before.selected, "wte");
});

test("a document that comes late is shown what is selected already", () => {
  const model = kernel();
  model.change({ c: "wte" });
  const stop = link.initialize({ model });
  const late = document("c");
  announce(late);
  assert.equal(late.selected, "wte");
  stop();
});

test("a document asks for the source of a module, and each answer finds its question", async () => {
  const doc = document("d");
  announce(doc);
  const model = kernel();
  const stop = link.initialize({ model });
  const [first, second] = [doc.ask!("wte"), doc.ask!("h.[0-2]")];
  assert.deepEqual(model.sent.map(({ source, id }) => [source, id]), [["wte", "d"], ["h.[0-2]", "d"]]);
  model.answer({ answer: model.sent[1].ask, text: "two" });
  model.answer({ answer: model.sent[0].ask, text: "one" });
  assert.deepEqual(await Promise.all([first, second]), ["one", "two"]);
  stop();
  assert.equal(doc.ask, undefined);
});
