import assert from "node:assert/strict";
import { test } from "node:test";
import { blocks, visible } from "../src/blocks";

const LINES = ["Net(", "  (a): Linear(3, 2)", "  (h): ModuleList(", "    (0-1): 2 x Block(", "      (b): ReLU()", "    )", "  )", "  (odd): Odd(", "    size=3", "  )", ")"];
const OWNERS = [0, 1, 2, 3, 4, 3, 2, 5, 5, 5, 0];

test("a block goes from its opening bracket to the closing one under it", () => {
  assert.deepEqual(blocks(LINES, OWNERS), [10, 1, 6, 5, 4, 5, 6, 9, 8, 9, 10]);
});

test("brackets that do not fit leave the rest in order", () => {
  const lines = ["Net(", "  (a): Cut(", "    (b): ReLU()", ")"];
  assert.deepEqual(blocks(lines, [0, 1, 2, 0]), [3, 1, 2, 3]);
});

test("what no module is told by does not fold", () => {
  assert.deepEqual(blocks(["prose (", ")"], [-1, -1]), [0, 1]);
});

test("a block that is shut leaves its first line", () => {
  assert.deepEqual(visible(blocks(LINES, OWNERS), new Set([2])), [0, 1, 2, 7, 8, 9, 10]);
  assert.deepEqual(visible(blocks(LINES, OWNERS), new Set([0, 2])), [0]);
});
