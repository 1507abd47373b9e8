import assert from "node:assert/strict";
import { test } from "node:test";
import { children, flatten, indexIn, initialOpen, ofKind, reveal, rowOf } from "../src/rows";
import { sample } from "./sample";

test("only what is open is flattened", () => {
  const model = sample();
  const open = initialOpen(model);
  assert.deepEqual([...flatten(model, open, null)], [0, 1, 2, 6, 10]);
  open[6] = 1;
  assert.deepEqual([...flatten(model, open, null)], [0, 1, 2, 6, 7, 9, 10]);
});

test("a hidden node is found where it is folded in", () => {
  const model = sample();
  const open = initialOpen(model);
  const rows = flatten(model, open, null);
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

test("a filter keeps the rows of a kind and what they are in, and counts those", () => {
  const model = sample();
  const { keep, kids, position } = ofKind(model, "linear");
  assert.deepEqual([...keep!], [1, 0, 0, 0, 0, 0, 1, 1, 1, 0, 1]);
  assert.deepEqual([...flatten(model, keep!, keep)], [0, 6, 7, 8, 10]);
  assert.deepEqual([kids[0], kids[6], position[6], position[10]], [2, 1, 1, 2]);
  assert.equal(ofKind(model, "").keep, null);
});

test("a number is found among sorted ones", () => {
  assert.deepEqual([0, 5, 4, 9].map((value) => indexIn([0, 2, 5], value)), [0, 2, -1, -1]);
});
