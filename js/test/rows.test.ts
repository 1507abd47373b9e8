import assert from "node:assert/strict";
import { test } from "node:test";
import { children, flatten, initialOpen, reveal, rowOf } from "../src/rows";
import { sample } from "./sample";

test("only what is open is flattened", () => {
  const model = sample();
  const open = initialOpen(model);
  assert.deepEqual([...flatten(model, open)], [0, 1, 2, 6, 10]);
  open[6] = 1;
  assert.deepEqual([...flatten(model, open)], [0, 1, 2, 6, 7, 9, 10]);
});

test("a hidden node is found where it is folded in", () => {
  const model = sample();
  const open = initialOpen(model);
  const rows = flatten(model, open);
  assert.equal(rowOf(model, open, rows, 10), 4);
  assert.equal(rowOf(model, open, rows, 8), 3);
});

test("revealing opens all above a node and nothing else", () => {
  const model = sample();
  const open = initialOpen(model);
  assert.equal(reveal(model, open, 4), true);
  assert.deepEqual([...open], [1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
  assert.equal(reveal(model, open, 4), false);
});

test("children are the rows one level down", () => {
  assert.deepEqual(children(sample(), 6), [7, 9]);
});

test("100,000 rows open in well under 100 ms", () => {
  const rows = Array.from({ length: 100_000 }, (_, n): [string, string, number] => [String(n), "Linear", n ? 1 + (n % 3) : 0]);
  const model = sample(rows);
  const open = initialOpen(model);
  const start = performance.now();
  open.fill(1);
  assert.equal(flatten(model, open).length, 100_000);
  assert.ok(performance.now() - start < 100);
});
