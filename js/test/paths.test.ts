import assert from "node:assert/strict";
import { test } from "node:test";
import { firstPath, matches, pathOf, resolve } from "../src/paths";
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
  assert.ok(matches("expert_[0-7]", "expert_7"));
  assert.ok(!matches("expert_[0-7]", "expert_8"));
  assert.ok(!matches("expert_[0-7]", "7"));
});
