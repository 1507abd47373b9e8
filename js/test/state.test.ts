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
  state.unfold(true);
  assert.equal(state.rows.length, 11);
  state.go(8);
  state.unfold(false);
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
