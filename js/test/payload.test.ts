import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../src/payload";
import { sample, wire } from "./sample";

test("parents, ends and multiplicities follow from depths and runs", () => {
  const model = sample();
  assert.deepEqual(model.parent, [-1, 0, 0, 2, 3, 3, 0, 6, 7, 6, 0]);
  assert.deepEqual(model.end, [11, 2, 6, 6, 5, 6, 10, 9, 9, 10, 11]);
  assert.deepEqual(model.times, [1, 1, 1, 3, 3, 3, 1, 2, 2, 2, 1]);
});

test("a payload is read back", () => {
  const model = decode(JSON.stringify({ ...wire(), title: "Größe 🙂" }));
  assert.equal(model.title, "Größe 🙂");
  assert.deepEqual(model.lineOf, [0, 1, 0]);
  assert.equal(model.told.get("practitioner")!.sections[1].statements[0].basis, "named");
});

test("what two levels say alike is one statement", () => {
  const { told, level } = sample();
  assert.equal(level, "practitioner");
  const [few, more] = ["practitioner", "beginner"].map((name) => told.get(name)!.sections[1].statements);
  assert.equal(more.length, few.length + 1);
  assert.equal(more[0], few[0]);
});
