import assert from "node:assert/strict";
import { test } from "node:test";
import { haystack, search } from "../src/search";
import { sample } from "./sample";

function found(query: string): number[] {
  const model = sample();
  return search(model, haystack(model), query);
}

test("by name, by type, by path, whatever the case", () => {
  assert.deepEqual(found("ATTN"), [4]);
  assert.deepEqual(found("linear"), [8, 10]);
  assert.deepEqual(found("layers.[0-2:2].q"), [8]);
});

test("by a number, with or without separators", () => {
  assert.deepEqual(found("2,304"), [0]);
  assert.deepEqual(found("2304"), [0]);
});

test("a number is meant whole", () => {
  assert.deepEqual(found("768"), [1]);
  assert.deepEqual(found("76"), []);
});

test("by the end of a path that names one module of a run", () => {
  assert.deepEqual(found("h.1.attn"), [4]);
  assert.deepEqual(found("h.3.attn"), []);
});

test("all words must be there; none finds nothing", () => {
  assert.deepEqual(found("attention attn"), [4]);
  assert.deepEqual(found("attention mlp"), []);
  assert.deepEqual(found("  "), []);
});
