import assert from "node:assert/strict";
import { test } from "node:test";
import { createState } from "../src/state";
import { sample } from "./sample";

test("selecting opens what a node is in", () => {
  const state = createState(sample());
  state.choose(4);
  assert.equal(state.active, 4);
  assert.ok([...state.rows].includes(4));
});

test("closing what holds the active row makes it the active one", () => {
  const state = createState(sample());
  state.choose(4);
  state.flip(2);
  assert.equal(state.active, 2);
});

test("all opens, and all closes to the first level, with the active row in sight", () => {
  const state = createState(sample());
  state.unfold(Infinity);
  assert.equal(state.rows.length, 11);
  state.go(8);
  state.unfold(1);
  assert.deepEqual([...state.rows], [0, 1, 2, 6, 10]);
  assert.equal(state.active, 6);
});

test("hits are walked round, opening what they are in", () => {
  const state = createState(sample());
  state.seek("linear");
  assert.deepEqual([state.active, state.place], [8, 0]);
  state.step(1);
  assert.equal(state.active, 10);
  state.step(1);
  assert.equal(state.active, 8);
  state.step(-1);
  assert.equal(state.active, 10);
  state.seek("nothing");
  assert.deepEqual(state.hits, []);
});

test("the same light twice is told once", () => {
  const state = createState(sample());
  let told = 0;
  state.listen(() => told++);
  state.light([1], "tree");
  state.light([1], "tree");
  state.light([1], "print");
  assert.equal(told, 2);
});

test("as many levels open as asked for", () => {
  const state = createState(sample());
  state.unfold(2);
  assert.deepEqual([...state.rows], [0, 1, 2, 3, 6, 7, 9, 10]);
});

test("a filter shows one kind, hits among it, and what was open before when it ends", () => {
  const state = createState(sample());
  state.narrow("linear");
  assert.deepEqual([...state.rows], [0, 6, 7, 8, 10]);
  state.seek("e");
  assert.deepEqual(state.hits, [8, 10]);
  state.narrow("");
  assert.deepEqual([...state.rows], [0, 1, 2, 6, 10]);
  assert.ok(state.hits.length > 2);
});

test("going to a row that a filter hides ends the filter", () => {
  const state = createState(sample());
  state.narrow("linear");
  state.choose(4);
  assert.equal(state.only, "");
  assert.ok([...state.rows].includes(4));
});

test("keys walk a filtered tree by what is shown of it", () => {
  const state = createState(sample());
  state.narrow("embedding");
  state.go(0);
  state.press("End");
  assert.equal(state.active, 1);
  assert.equal(state.press("ArrowRight"), true);
  assert.equal(state.active, 1);
});
