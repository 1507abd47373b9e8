import assert from "node:assert/strict";
import { test } from "node:test";
import { entryOf, terms } from "../src/terms";

const GLOSSARY = new Map([
  ["attention", "A."],
  ["attention head", "B."],
  ["causal mask", "C."],
]);

test("each term is found once, the longer one first, whatever its case and number", () => {
  const find = terms(GLOSSARY);
  const pieces = find("Attention heads share attention, and attention pays.", new Set());
  assert.deepEqual(pieces, ["", "Attention heads", " share ", "attention", ", and attention pays."]);
});

test("what was seen before is left alone, and parts of words are no terms", () => {
  assert.deepEqual(terms(GLOSSARY)("attention", new Set(["attention"])), ["attention"]);
  assert.deepEqual(terms(GLOSSARY)("self-attention inattention", new Set()), ["self-attention inattention"]);
});

test("without a glossary a text is whole", () => {
  assert.deepEqual(terms(new Map())("attention", new Set()), ["attention"]);
});

test("a term leads back to its entry", () => {
  assert.equal(entryOf(GLOSSARY, "Attention heads"), "attention head");
});
