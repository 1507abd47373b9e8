import assert from "node:assert/strict";
import { test } from "node:test";
import { change, typeAhead, type Place } from "../src/keys";
import { flatten, initialOpen, ofKind } from "../src/rows";
import { sample } from "./sample";

function place(active: number, opened: number[] = []): Place {
  const model = sample();
  const open = initialOpen(model);
  for (const node of opened) open[node] = 1;
  return { model, open, shown: ofKind(model, ""), rows: flatten(model, open, null), active };
}

test("up and down, first and last, and no further", () => {
  assert.deepEqual(change("ArrowDown", place(1)), { active: 2 });
  assert.deepEqual(change("ArrowUp", place(0)), { active: 0 });
  assert.deepEqual(change("Home", place(6)), { active: 0 });
  assert.deepEqual(change("End", place(0)), { active: 10 });
  assert.deepEqual(change("ArrowDown", place(10)), { active: 10 });
});

test("right opens, then enters; on a leaf it does nothing", () => {
  assert.deepEqual(change("ArrowRight", place(2)), { open: [2] });
  assert.deepEqual(change("ArrowRight", place(2, [2])), { active: 3 });
  assert.deepEqual(change("ArrowRight", place(1)), {});
});

test("left closes, then leaves", () => {
  assert.deepEqual(change("ArrowLeft", place(2, [2])), { close: [2] });
  assert.deepEqual(change("ArrowLeft", place(3, [2])), { active: 2 });
  assert.deepEqual(change("ArrowLeft", place(0)), { close: [0] });
});

test("Enter selects; space selects and opens or closes", () => {
  assert.deepEqual(change("Enter", place(2)), { chosen: true });
  assert.deepEqual(change(" ", place(2)), { chosen: true, open: [2] });
  assert.deepEqual(change(" ", place(2, [2])), { chosen: true, close: [2] });
});

test("a star opens all siblings that can be opened", () => {
  assert.deepEqual(change("*", place(1)), { open: [2, 6] });
});

test("other keys are left to the host", () => {
  for (const key of ["Tab", "Escape", "F5", "a"]) assert.equal(change(key, place(0)), null);
});

test("typing goes to the next row whose name or type begins so, round the end", () => {
  assert.equal(typeAhead(place(0), "h"), 2);
  assert.equal(typeAhead(place(2), "h"), 10);
  assert.equal(typeAhead(place(10), "h"), 2);
  assert.equal(typeAhead(place(2), "he"), 10);
  assert.equal(typeAhead(place(0), "EMB"), 1);
  assert.equal(typeAhead(place(0), "zz"), -1);
});
