import assert from "node:assert/strict";
import { test } from "node:test";
import { exact, percent, short } from "../src/format";

test("numbers are short on a row and exact in the details", () => {
  assert.deepEqual([0, 768, 1536, 124_439_808, 999_999, 671e9, 1.2e12].map(short), ["0", "768", "1.54K", "124M", "1M", "671B", "1.2T"]);
  assert.equal(exact(1_771_776), "1,771,776");
});

test("a small share keeps its digits", () => {
  assert.deepEqual([1, 0.2281, 0.0000123, 7.6e-10].map(percent), ["100%", "22.8%", "0.00123%", "under 0.001%"]);
});
