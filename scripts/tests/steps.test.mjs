import assert from "node:assert/strict";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { report, runSteps, selected } from "../lib/steps.mjs";

const logs = mkdtempSync(join(tmpdir(), "parlance-steps-"));
const quiet = { say: () => {}, logs };
const ends = (code, output = "") => async () => ({ code, output });
const states = (outcomes) => outcomes.map(({ name, state }) => `${name} ${state}`);

function lastLine(outcomes) {
  const lines = [];
  const code = report(outcomes, 0, (line) => lines.push(...line.split("\n")));
  return { code, line: lines.at(-1) };
}

test("a failed step fails the run and is shown in full", async () => {
  const said = [];
  const steps = [
    { name: "good", lane: "a", body: ends(0) },
    { name: "bad", lane: "a", body: ends(3, "line one\nline two") },
  ];
  const outcomes = await runSteps(steps, { say: (line) => said.push(line), logs });
  assert.deepEqual(states(outcomes), ["good passed", "bad failed"]);
  assert.ok(said.join("\n").includes("line one\nline two"));
  assert.equal(readFileSync(join(logs, "bad.log"), "utf8"), "line one\nline two");
  assert.deepEqual(lastLine(outcomes), { code: 1, line: "1 passed, 1 failed" });
});

test("a step whose need failed counts as failed and does not run", async () => {
  let ran = false;
  const steps = [
    { name: "build", lane: "a", body: ends(1) },
    { name: "window", lane: "b", needs: ["build"], body: async () => ((ran = true), { code: 0, output: "" }) },
  ];
  const outcomes = await runSteps(steps, quiet);
  assert.deepEqual(states(outcomes), ["build failed", "window failed"]);
  assert.equal(ran, false);
});

test("a step that throws or cannot be started is a failure", async () => {
  const steps = [
    { name: "throws", lane: "a", body: () => Promise.reject(new Error("no")) },
    { name: "absent", lane: "a", run: ["no-such-program-here"] },
  ];
  assert.deepEqual(states(await runSteps(steps, quiet)), ["throws failed", "absent failed"]);
});

test("what a platform cannot run is listed apart, and nothing at all is no success", async () => {
  const outcomes = await runSteps([{ name: "window", lane: "a", elsewhere: "Linux only", body: ends(1) }], quiet);
  assert.deepEqual(lastLine(outcomes), { code: 1, line: "0 passed, 0 failed, 1 skipped" });
});

test("lanes run side by side, steps of one lane in order", async () => {
  const order = [];
  let release;
  const gate = new Promise((resolve) => (release = resolve));
  const mark = (name, wait) => async () => (await wait, order.push(name), { code: 0, output: "" });
  const steps = [
    { name: "slow", lane: "a", body: mark("slow", gate) },
    { name: "then", lane: "a", body: mark("then") },
    { name: "beside", lane: "b", body: async () => (order.push("beside"), release(), { code: 0, output: "" }) },
  ];
  await runSteps(steps, quiet);
  assert.deepEqual(order, ["beside", "slow", "then"]);
});

test("a step may wait for a failed one to end, but not for one that comes later", async () => {
  const steps = [
    { name: "first", lane: "a", body: ends(1) },
    { name: "last", lane: "b", after: ["first"], body: ends(0) },
  ];
  assert.deepEqual(states(await runSteps(steps, quiet)), ["first failed", "last passed"]);
  await assert.rejects(runSteps(steps.toReversed(), quiet), /does not come before/);
});

test("--only keeps the named steps and what they need", () => {
  const steps = [
    { name: "page build", lane: "a" },
    { name: "rustfmt", lane: "b" },
    { name: "Rust tests", lane: "b", needs: ["page build"], after: ["rustfmt"] },
  ];
  const chosen = selected(steps, ["--only", "rust tests"]);
  assert.deepEqual(chosen.map(({ name }) => name), ["page build", "Rust tests"]);
  assert.deepEqual(chosen[1].after, []);
  assert.equal(selected(steps, []).length, 3);
  assert.equal(selected(steps, ["--only", "nothing like it"]).length, 0);
});
