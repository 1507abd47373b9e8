import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { constants, gzipSync } from "node:zlib";
import { inflate } from "../src/inflate";

const TEXTS = ["", "a", "Größe 🙂", "abc".repeat(10_000), randomBytes(50_000).toString("hex"), randomBytes(70_000).toString("latin1")];
/** Stored, with fixed codes, with codes of its own, with and without repeats. */
const WAYS = [{}, { level: 0 }, { level: 1 }, { level: 9 }, { strategy: constants.Z_FIXED }, { strategy: constants.Z_HUFFMAN_ONLY }];

test("what was gzipped and written in base64 is read back, however it was packed", () => {
  for (const text of TEXTS) for (const way of WAYS) assert.equal(inflate(gzipSync(text, way).toString("base64")), text);
});

test("what is no such text is refused", () => {
  assert.throws(() => inflate(Buffer.from([...Array(10).fill(0), 255, 255, 255]).toString("base64")));
});
