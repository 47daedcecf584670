import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { results } from "./paths.mjs";
import { captured } from "./run.mjs";

/**
 * A step: `name`, `lane` (steps of one lane run one after the other, lanes run side by side), `needs` (names of earlier
 * steps that must have passed), `after` (earlier steps that must have ended), and either `run: [command, ...args]` or
 * `body: async () => ({code, output})`. `elsewhere` holds the reason why this platform cannot run it, `env` is added to
 * the environment, `summary` picks the note for the table out of the output.
 */

/** Runs the steps and returns their results in the given order; a step whose needs failed counts as failed. */
export async function runSteps(steps, { say = console.log, logs = join(results, "logs"), now = Date.now } = {}) {
  mkdirSync(logs, { recursive: true });
  checkOrder(steps);
  const finished = new Map();
  for (const step of steps) finished.set(step.name, deferred());
  const lanes = grouped(steps);
  await Promise.all(
    [...lanes.values()].map(async (lane) => {
      for (const step of lane) finished.get(step.name).settle(await runStep(step, finished, { say, logs, now }));
    }),
  );
  return Promise.all(steps.map((step) => finished.get(step.name).promise));
}

// Waiting for a step further down the list could wait for ever.
function checkOrder(steps) {
  const seen = new Set();
  for (const { name, needs = [], after = [] } of steps) {
    for (const before of [...needs, ...after]) {
      if (!seen.has(before)) throw new Error(`step "${name}" waits for "${before}", which does not come before it`);
    }
    if (seen.has(name)) throw new Error(`two steps are called "${name}"`);
    seen.add(name);
  }
}

async function runStep(step, finished, { say, logs, now }) {
  if (step.elsewhere) return { name: step.name, state: "skipped", note: step.elsewhere, ms: 0 };
  for (const other of step.after ?? []) await finished.get(other).promise;
  for (const need of step.needs ?? []) {
    const before = await finished.get(need).promise;
    if (before.state !== "passed") {
      say(`✗ ${step.name}: not run, because "${need}" did not pass`);
      return { name: step.name, state: "failed", note: `not run: needs "${need}"`, ms: 0 };
    }
  }
  say(`… ${step.name}`);
  const start = now();
  const { code, output } = await perform(step);
  const ms = now() - start;
  const log = join(logs, `${step.name.replaceAll(/[^a-z0-9]+/gi, "-")}.log`);
  writeFileSync(log, output);
  if (code === 0) {
    say(`✓ ${step.name} (${seconds(ms)})`);
    return { name: step.name, state: "passed", note: step.summary?.(output) ?? "", ms };
  }
  say(`✗ ${step.name} (${seconds(ms)}), exit code ${code}. Its output:\n${output}\n— end of ${step.name} —`);
  return { name: step.name, state: "failed", note: `exit code ${code}, see ${log}`, ms };
}

async function perform(step) {
  try {
    if (step.body) return await step.body();
    const [command, ...args] = step.run;
    return await captured(command, args, { env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0", ...step.env } });
  } catch (error) {
    return { code: 1, output: `${error.stack ?? error}\n` };
  }
}

/** Prints the table and, as the last line, the counts; returns the exit code. */
export function report(outcomes, totalMs, say = console.log) {
  const width = Math.max(4, ...outcomes.map((outcome) => outcome.name.length));
  const marks = { passed: "passed", failed: "FAILED", skipped: "not on this platform" };
  say("");
  for (const { name, state, note, ms } of outcomes) {
    say(`${name.padEnd(width)}  ${seconds(ms).padStart(12)}  ${marks[state]}${note ? `  ${note}` : ""}`);
  }
  const count = (state) => outcomes.filter((outcome) => outcome.state === state).length;
  const [passed, failed, skipped] = [count("passed"), count("failed"), count("skipped")];
  say(`${"all".padEnd(width)}  ${seconds(totalMs).padStart(12)}`);
  say(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  return failed > 0 || passed === 0 ? 1 : 0;
}

/** Keeps the steps whose name contains one of the words of `--only a,b`, and what those need. */
export function selected(steps, args) {
  const at = args.indexOf("--only");
  if (at < 0) return steps;
  const words = (args[at + 1] ?? "").toLowerCase().split(",").filter(Boolean);
  const keep = new Set(steps.filter(({ name }) => words.some((word) => name.toLowerCase().includes(word))));
  for (const step of keep) {
    for (const need of step.needs ?? []) keep.add(steps.find(({ name }) => name === need));
  }
  const names = new Set([...keep].map(({ name }) => name));
  return steps
    .filter((step) => keep.has(step))
    .map((step) => ({ ...step, after: (step.after ?? []).filter((name) => names.has(name)) }));
}

function seconds(ms) {
  const total = Math.round(ms / 100) / 10;
  return total < 60 ? `${total.toFixed(1)} s` : `${Math.floor(total / 60)} min ${String(Math.round(total % 60)).padStart(2, "0")} s`;
}

function deferred() {
  let settle;
  const promise = new Promise((resolve) => (settle = resolve));
  return { promise, settle };
}

function grouped(steps) {
  const lanes = new Map();
  for (const step of steps) lanes.set(step.lane, [...(lanes.get(step.lane) ?? []), step]);
  return lanes;
}
