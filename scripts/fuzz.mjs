import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { seedsOf, summaryOf, targetsOf } from "./lib/fuzzing.mjs";
import { tool, withTools } from "./lib/parts.mjs";
import { results, root, targetDir } from "./lib/paths.mjs";
import { checkNodeAndRust } from "./lib/prerequisites.mjs";
import { Explained, answer, attached, captured, main } from "./lib/run.mjs";

const FOLDER = join(root, "fuzz");
// Room for the sanitizer's own bookkeeping; what a decoder holds is bounded by its input, which the targets ask.
const MEMORY_MIB = 2048;
const LONGEST_INPUT = 16384;
const SECONDS_AN_INPUT = 10;

const USAGE = `npm run fuzz -- [--minutes N] [--sanitizer address|none] [--jobs N] [target …]
Targets: ${targetsOf(FOLDER).join(", ")}; all of them where none is named. N is 10 minutes for each target.`;

function options() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      minutes: { type: "string", default: "10" },
      sanitizer: { type: "string", default: "address" },
      jobs: { type: "string", default: "1" },
    },
  });
  const known = targetsOf(FOLDER);
  const strange = positionals.find((name) => !known.includes(name));
  const minutes = Number(values.minutes);
  const jobs = Number(values.jobs);
  if (strange || !(minutes > 0) || !(jobs >= 1) || !["address", "none"].includes(values.sanitizer)) {
    throw new Explained(USAGE);
  }
  return { minutes, jobs, sanitizer: values.sanitizer, targets: positionals.length > 0 ? positionals : known };
}

/** The sanitizers are unstable in Rust; a stable compiler takes them when told so. */
const environment = () => ({ ...withTools(), RUSTC_BOOTSTRAP: "1" });

async function build({ sanitizer, targets }, folder) {
  const installed = await tool("cargo-fuzz", "0.13.2");
  if (installed.code !== 0) throw new Explained(installed.output);
  const args = ["fuzz", "build", "--fuzz-dir", FOLDER, "--target-dir", folder, "--sanitizer", sanitizer];
  // Without a name it builds all, side by side.
  for (const target of targets.length === targetsOf(FOLDER).length ? [[]] : targets.map((name) => [name])) {
    const code = await attached("cargo", [...args, ...target], { cwd: FOLDER, env: environment() });
    if (code !== 0) throw new Explained(`The fuzz targets could not be built: exit code ${code}.`);
  }
}

/** Inputs to begin with, and what earlier runs have kept; both outside the repository. */
function corpus(target, folder) {
  const kept = join(folder, "corpus", target);
  const seeds = join(folder, "seeds", target);
  rmSync(seeds, { recursive: true, force: true });
  for (const path of [kept, seeds]) mkdirSync(path, { recursive: true });
  let count = 0;
  for (const { name, bytes } of seedsOf(target, root, process.env.PARLANCE_RECORDINGS)) {
    writeFileSync(join(seeds, `${String(count).padStart(5, "0")}-${name}`), bytes);
    count += 1;
  }
  return { kept, seeds, count };
}

async function run(target, { minutes }, folder, triple) {
  const { kept, seeds, count } = corpus(target, folder);
  const found = join(results, "fuzz", target);
  mkdirSync(found, { recursive: true });
  const before = new Set(readdirSync(found));
  const own = join(FOLDER, "found", target);
  const args = [
    kept,
    seeds,
    ...(existsSync(own) && statSync(own).isDirectory() ? [own] : []),
    `-max_total_time=${Math.round(minutes * 60)}`,
    `-rss_limit_mb=${MEMORY_MIB}`,
    `-timeout=${SECONDS_AN_INPUT}`,
    `-max_len=${LONGEST_INPUT}`,
    `-dict=${join(FOLDER, "dictionary")}`,
    `-artifact_prefix=${found}/`,
    "-print_final_stats=1",
  ];
  console.log(`… ${target}: ${minutes} min, ${count} seeds`);
  const binary = join(folder, triple, "release", target);
  const env = { ...process.env, RUST_BACKTRACE: "0", ASAN_OPTIONS: "detect_odr_violation=0" };
  const { code, output } = await captured(binary, args, { env });
  writeFileSync(join(results, "fuzz", `${target}.log`), output);
  const crashes = readdirSync(found).filter((name) => !before.has(name));
  const summary = summaryOf(output);
  console.log(
    `${code === 0 ? "✓" : "✗"} ${target}: ${summary.executions} executions in ${summary.seconds} s, ` +
      `${summary.edges} edges, ${summary.features} features, ${summary.memory} MiB, ${crashes.length} crashes`,
  );
  if (code !== 0) {
    console.log(summary.reason);
    for (const name of crashes) console.log(`  ${relative(root, join(found, name))}`);
    console.log(`  again: ${binary} FILE; when it is mended, keep the input in fuzz/found/${target}`);
  }
  return code === 0 && crashes.length === 0;
}

await main(async () => {
  if (process.platform === "win32") throw new Explained("Fuzzing runs on Linux and macOS only.");
  const chosen = options();
  checkNodeAndRust();
  const folder = join(targetDir(), "fuzz");
  await build(chosen, folder);
  const triple = /^host: (.*)$/m.exec(answer("rustc", ["-vV"]) ?? "")?.[1] ?? "";
  const queue = [...chosen.targets];
  let failed = 0;
  const worker = async () => {
    for (let target = queue.shift(); target; target = queue.shift()) {
      if (!(await run(target, chosen, folder, triple))) failed += 1;
    }
  };
  const workers = Math.min(chosen.jobs, availableParallelism?.() ?? cpus().length);
  await Promise.all(Array.from({ length: workers }, worker));
  console.log(`${chosen.targets.length - failed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
});
