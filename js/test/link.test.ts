import assert from "node:assert/strict";
import { test } from "node:test";
import link from "../src/link";
import { announce, type Doc } from "../src/registry";
import type { AnyModel } from "../src/widget";

function kernel(): AnyModel & { saved: number; change(value: object): void } {
  let value: unknown = {};
  const listeners = new Set<() => void>();
  return {
    saved: 0,
    get: () => value,
    set: (_, to) => (value = to),
    save_changes() {
      this.saved++;
    },
    on: (_, listener) => listeners.add(listener),
    off: (_, listener) => listeners.delete(listener),
    change(to) {
      value = to;
      listeners.forEach((listener) => listener());
    },
  };
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
