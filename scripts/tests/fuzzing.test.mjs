import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { seedsOf, summaryOf, targetsOf } from "../lib/fuzzing.mjs";
import { root } from "../lib/paths.mjs";

const folder = join(root, "fuzz");

test("every target of the manifest has its file, and every file its target", () => {
  const files = readdirSync(join(folder, "targets")).map((name) => name.replace(/\.rs$/, ""));
  assert.deepEqual(targetsOf(folder).sort(), files.sort());
});

test("every target begins with inputs of its own", () => {
  for (const target of targetsOf(folder)) {
    const seeds = [...seedsOf(target, root)];
    assert.ok(seeds.length >= 100, `${target} has only ${seeds.length} seeds`);
    assert.ok(seeds.every(({ bytes }) => bytes.length >= 2));
  }
});

test("libFuzzer's words become figures", () => {
  const output = `#200 REDUCE cov: 12 ft: 34 corp: 5/9Kb\n#400 DONE   cov: 13 ft: 56 corp: 6/9Kb
Done 143655 runs in 61 second(s)
stat::number_of_executed_units: 143655
stat::peak_rss_mb:              521
`;
  const { reason, ...figures } = summaryOf(output);
  assert.deepEqual(figures, { executions: 143655, seconds: 61, edges: 13, features: 56, memory: 521 });
  const broken = "thread '<unnamed>' panicked at src/invariants.rs:9:1:\ncuts changed the events\nstack backtrace:";
  assert.match(summaryOf(broken).reason, /cuts changed the events/);
});
