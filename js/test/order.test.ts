import assert from "node:assert/strict";
import { test } from "node:test";
import { ordered } from "../src/order";
import { firstPath, pathOf, resolve } from "../src/paths";
import { fromWire } from "../src/payload";
import { wire } from "./sample";

/** The sample with a pass: the embedding, three blocks whose attention is added to the stream, the head, which is called again. */
function passed() {
  const data = wire();
  const text = (value: string): number => data.strings.push(value) - 1;
  const [none, add, shape, exact] = ["", "add", "(B, 768) → (B, 4)", "(2, 768) → (2, 4)"].map(text);
  data.forward = {
    steps: {
      depth: [0, 1, 1, 2, 2, 1, 1],
      node: [0, 1, 3, 4, 3, 10, 10],
      op: [none, none, none, none, add, none, none],
      shapes: [none, none, none, none, none, shape, none],
      exact: [none, none, none, none, none, exact, none],
      more: [none, none, none, none, none, none, none],
      line: [none, none, none, none, text("model.py:7"), none, none],
      flops: [9, 0, 5, 4, 1, 3, 2],
      call: [1, 1, 1, 1, 1, 1, 2],
    },
    symbols: [["B", "batch", 2]],
    failed: null,
  };
  return fromWire(data);
}

test("a row has the shapes and the cost of its first call", () => {
  const model = passed();
  assert.deepEqual([model.shapes[10], model.exact[10], model.flops[10]], ["(B, 768) → (B, 4)", "(2, 768) → (2, 4)", 3]);
  assert.deepEqual([model.exact[2], model.flops[2]], ["", -1]);
});

test("the order of execution has a row for each step, operations between the modules", () => {
  const model = ordered(passed());
  assert.deepEqual(model.types, ["Net", "Embedding", "Block", "Attention", "add", "Linear", "Linear"]);
  assert.deepEqual(model.names, ["", "wte", "h.[0-2]", "attn", "", "head", "head"]);
  assert.deepEqual(model.parent, [-1, 0, 0, 2, 2, 0, 0]);
  assert.equal(model.kind[4], "operation");
  assert.match(model.roles[4], /forward\(\) of Block, at model\.py:7/);
});

test("what is called again is counted once", () => {
  const model = passed();
  model.counted[10] = 5;
  assert.deepEqual(ordered(model).counted.slice(5), [5, 0]);
});

test("paths stay those of the modules, and lead to the first call", () => {
  const model = ordered(passed());
  assert.deepEqual([pathOf(model, 3), firstPath(model, 3), pathOf(model, 4)], ["h.[0-2].attn", "h.0.attn", "h.[0-2]"]);
  assert.deepEqual([resolve(model, "h.1.attn"), resolve(model, "head"), resolve(model, "nowhere")], [3, 5, -1]);
});

test("what did not run is found in what holds it, and so are its printed lines", () => {
  const model = ordered(passed());
  assert.equal(resolve(model, "h.[0-2].mlp"), 2);
  assert.deepEqual(model.lineOf, [0, 1, 0]);
});
