import assert from "node:assert/strict";
import { test } from "node:test";
import { firstPath, pathOf, resolve, stands } from "../src/paths";
import { sample } from "./sample";

test("a path leads to its row and back", () => {
  const model = sample();
  for (let node = 0; node < model.total; node++) assert.equal(resolve(model, pathOf(model, node)), node);
});

test("a module of a run leads to the run's row", () => {
  const model = sample();
  assert.equal(resolve(model, "h.1.attn"), 4);
  assert.equal(resolve(model, "layers.3"), 9);
  assert.equal(resolve(model, "layers.2.q"), 8);
});

test("what is not there leads nowhere", () => {
  const model = sample();
  for (const path of ["h.3", "h.-1", "h.1e0", "h.01.x", "nothing", "wte.x", "layers.4"]) assert.equal(resolve(model, path), -1, path);
});

test("the path to copy is one that get_submodule takes", () => {
  assert.equal(firstPath(sample(), 8), "layers.0.q");
});

test("named runs match names with that beginning only", () => {
  const model = sample([["", "Net", 0], ["expert_[0-7]", "Linear", 1, 8]]);
  const found = ["expert_7", "expert_8", "7"].map((name) => stands(model, 1, name));
  assert.deepEqual(found, [true, false, false]);
});

test("a row for several turns of a run stands for the modules of each, and for their runs", () => {
  const model = sample([["", "Net", 0], ["[0-18:6]", "Local", 1, 20, 6, 0, 0, 5], ["[5-23:6]", "Global", 1, 4, 6, 5]]);
  const found = (name: string): number => resolve(model, name);
  assert.deepEqual(["0", "4", "6", "22", "[3-21:6]", "[0-18:6]"].map(found), [1, 1, 1, 1, 1, 1]);
  assert.deepEqual(["5", "23", "[5-23:6]"].map(found), [2, 2, 2]);
  assert.deepEqual(["24", "29", "[0-3]"].map((name) => found(name) > 1), [false, false, false]);
});
