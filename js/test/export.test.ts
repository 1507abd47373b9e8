import assert from "node:assert/strict";
import { test } from "node:test";
import { asJson, asMarkdown, asSvg, asText } from "../src/export";
import { createState, type State } from "../src/state";
import { ROWS, sample } from "./sample";

const state = (): State => createState(sample());

test("the text is the tree as it is shown, numbers in a column", () => {
  const shown = state();
  const lines = ["Net               2,304", "  wte: Embedding  768", "  h: ModuleList", "  layers: ModuleList", "  head: Linear"];
  assert.equal(asText(shown), lines.join("\n"));
  shown.flip(2);
  assert.match(asText(shown), /^ {4}\[0-2\]: 3 × Block$/m);
});

test("Markdown tells the sections of the level, with their bases, and the modules", () => {
  const shown = state();
  const text = asMarkdown(shown);
  assert.match(text, /^# Net\n\n## Whole\n\nA net\.\n\n## Flow\n\n1\. It goes in\. \*\(named\)\*\n/);
  assert.match(text, /```text\nNet/);
  shown.tell("beginner");
  assert.match(asMarkdown(shown), /2\. `wte`: A token/);
});

test("names cannot become Markdown", () => {
  const model = sample();
  model.title = "*Net* <b>";
  assert.match(asMarkdown(createState(model)), /^# \\\*Net\\\* \\<b\\>/);
});

test("JSON has every row by its path, and what statements rest on", () => {
  const data = JSON.parse(asJson(state())) as { schema: string; nodes: { path: string; num_parameters: number }[]; story: { statements: { evidence: string[] }[] }[] };
  assert.equal(data.nodes.length, ROWS.length);
  assert.deepEqual([data.nodes[8].path, data.nodes[0].num_parameters], ["layers.[0-2:2].q", 2304]);
  assert.deepEqual(data.story[1].statements[0].evidence, ["wte"]);
  assert.equal(data.schema, "archmagic/view/1");
});

test("the picture shows the rows that are shown, and markup in names is text", () => {
  const model = sample();
  model.types[1] = "</text><script>";
  const picture = asSvg(createState(model), () => "#123456");
  assert.equal(picture.match(/<g transform="translate\(\d+ \d+\)"><text/g)!.length, 5);
  assert.ok(!picture.includes("<script>"));
  assert.match(picture, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
});
