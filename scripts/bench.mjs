import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { releaseApp } from "./lib/build.mjs";
import { compareBench } from "./lib/compareBench.mjs";
import { costsPaint } from "./lib/costsPaint.mjs";
import { shown, spread, timedStart } from "./lib/measure.mjs";
import { withTools, parts } from "./lib/parts.mjs";
import { windowBench } from "./lib/windowBench.mjs";
import { root, targetDir } from "./lib/paths.mjs";
import { checkNodeAndRust, installPackages } from "./lib/prerequisites.mjs";
import { Explained, attached, main } from "./lib/run.mjs";
import { FOR_THE_APP, FOR_THE_TESTS, installSystemPackages } from "./lib/system.mjs";

const ROUNDS = Number(process.env.PARLANCE_BENCH_ROUNDS ?? 9);
const CHATS = 10_000;

async function must(sentence, command, args, options) {
  const code = await attached(command, args, { cwd: root, ...options });
  if (code !== 0) throw new Explained(`${sentence}: exit code ${code}.`);
}

/** Decoding, the way from the socket to the channel, and who is asked: cargo's benchmarks print their own figures. */
async function rustBenches() {
  for (const [crate, bench] of [["parlance-providers", "decode"], ["parlance-core", "stream"], ["parlance-core", "parallel"], ["parlance-core", "route"]]) {
    console.log(`\n${bench} (cargo bench -p ${crate} --bench ${bench})`);
    const done = await shown("cargo", ["bench", "--quiet", "--locked", "-p", crate, "--bench", bench], { cwd: root });
    if (done.code !== 0) throw new Explained(`The benchmark "${bench}" ended with exit code ${done.code}.`);
  }
}

/** Our dialects beside other crates that read the same streams; the peers take minutes to build. */
async function peerBench() {
  console.log("\npeers: CPU per delta from a loopback socket (tests/bench-peers)");
  const manifest = join(root, "tests", "bench-peers", "Cargo.toml");
  const args = ["run", "--release", "--quiet", "--locked", "--manifest-path", manifest, "--target-dir", join(targetDir(), "peers")];
  const done = await shown("cargo", args, { cwd: root });
  if (done.code !== 0) throw new Explained(`The benchmark beside peers ended with exit code ${done.code}.`);
}

/** Full-text queries in a store with a million messages; fails where a kind of them is above its limit. */
async function searchBench() {
  console.log("\nsearch: a million messages (cargo bench -p parlance-core --bench search)");
  const done = await shown("cargo", ["bench", "--quiet", "--locked", "-p", "parlance-core", "--bench", "search"], { cwd: root });
  if (done.code !== 0) throw new Explained(`The benchmark of the search ended with exit code ${done.code}.`);
}

/** The dashboard and the request log over a million entries; fails where a kind of question is above its limit. */
async function costsBench() {
  console.log("\ncosts: a million entries (cargo bench -p parlance-core --bench costs)");
  const done = await shown("cargo", ["bench", "--quiet", "--locked", "-p", "parlance-core", "--bench", "costs"], { cwd: root });
  if (done.code !== 0) throw new Explained(`The benchmark of the costs ended with exit code ${done.code}.`);
}

/** A store with a provider and some chats, made once; every round starts from a copy. */
async function seededStore(folder, chats, { env = {}, messages = 0 } = {}) {
  const store = join(folder, `seed-${chats}`);
  const args = ["run", "--quiet", "--release", "--locked", "-p", "parlance-tests", "--bin", "seed", "--"];
  const counts = [String(chats), String(messages)];
  await must("The store could not be filled", "cargo", [...args, store, ...counts], { env: { ...process.env, ...env } });
  return store;
}

/** One start: milliseconds from exec to the frame with a usable composer, and the memory of all its processes. */
async function startOnce({ App, until, proportionalMemory }, display, binary, seed) {
  const home = mkdtempSync(join(tmpdir(), "parlance-start-"));
  const timed = timedStart(binary);
  if (seed) cpSync(seed, join(home, "data"), { recursive: true });
  const app = new App({ binary, program: timed.program, home, display });
  try {
    await app.open({ ready: false });
    const at = await until("the composer to be usable", () =>
      app.run(
        "const mark = performance.getEntriesByName('composer-usable')[0]; return mark ? performance.timeOrigin + mark.startTime : null",
      ),
    );
    await app.type("composer", "x");
    const memory = app.processes().reduce((sum, { pid }) => sum + proportionalMemory(pid), 0);
    return { ms: at - timed.startedAt(), mib: memory / 2 ** 20 };
  } finally {
    await app.kill();
    timed.remove();
    rmSync(home, { recursive: true, force: true });
  }
}

async function startBench() {
  const app = await releaseApp();
  const manifest = join(root, "tests", "bench", "Cargo.toml");
  const peer = ["build", "--release", "--locked", "--manifest-path", manifest, "--target-dir", targetDir()];
  await must("The empty window could not be built", "cargo", peer);
  const folder = mkdtempSync(join(tmpdir(), "parlance-store-"));
  process.env.PATH = withTools().PATH;
  const harness = {
    ...(await import("../tests/e2e/harness/app.mjs")),
    ...(await import("../tests/e2e/harness/processes.mjs")),
  };
  const { startDisplay } = await import("../tests/e2e/harness/display.mjs");
  const display = await startDisplay();
  try {
    const subjects = [
      { name: "empty Tauri window", binary: join(targetDir(), "release", "parlance-empty-window") },
      { name: "Parlance, no chats", binary: app, seed: await seededStore(folder, 0) },
      { name: `Parlance, ${CHATS} chats`, binary: app, seed: await seededStore(folder, CHATS) },
    ];
    for (const subject of subjects) {
      subject.rounds = [];
      // The first start reads everything from disk; it says more about the disk than about the app.
      await startOnce(harness, display.display, subject.binary, subject.seed);
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const subject of subjects) {
        subject.rounds.push(await startOnce(harness, display.display, subject.binary, subject.seed));
      }
    }
    table(subjects);
  } finally {
    await display.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A long chat in the real window: opened, scrolled, streamed into. */
async function longChatBench() {
  const binary = await releaseApp();
  process.env.PATH = withTools().PATH;
  const { App, until } = await import("../tests/e2e/harness/app.mjs");
  const { startDisplay } = await import("../tests/e2e/harness/display.mjs");
  const { LLMock } = await import("@copilotkit/aimock");
  const display = await startDisplay();
  try {
    const seeded = (folder, env, messages) => seededStore(folder, 1, { env, messages });
    return await windowBench({ App, until, LLMock, binary, display: display.display, seeded });
  } finally {
    await display.stop();
  }
}

/** The Costs screen over a year of requests, in the real window. */
async function costsPaintBench() {
  const binary = await releaseApp();
  process.env.PATH = withTools().PATH;
  const { App } = await import("../tests/e2e/harness/app.mjs");
  const { startDisplay } = await import("../tests/e2e/harness/display.mjs");
  const { fillYear, openCostsTimed } = await import("../tests/e2e/harness/year.mjs");
  const args = ["run", "--quiet", "--release", "--locked", "-p", "parlance-tests", "--bin", "sample", "--"];
  const sample = (store) => must("The store could not be filled", "cargo", [...args, store]);
  const display = await startDisplay();
  try {
    return await costsPaint({ App, binary, display: display.display, fillYear, openCostsTimed, sample });
  } finally {
    await display.stop();
  }
}

/** Eight lanes of a comparison that stream side by side, in the real window. */
async function lanesBench() {
  const binary = await releaseApp();
  process.env.PATH = withTools().PATH;
  const { App } = await import("../tests/e2e/harness/app.mjs");
  const { proportionalMemory } = await import("../tests/e2e/harness/processes.mjs");
  const { startDisplay } = await import("../tests/e2e/harness/display.mjs");
  const inWindow = {
    ...(await import("../tests/e2e/harness/lanes.mjs")),
    ...(await import("../tests/e2e/harness/ways.mjs")),
  };
  const display = await startDisplay();
  try {
    return await compareBench({ App, inWindow, binary, display: display.display, proportionalMemory });
  } finally {
    await display.stop();
  }
}

function table(subjects) {
  console.log(`\nstart to a usable composer, ${ROUNDS} rounds each, one after the other in turn; median (least to most)`);
  const base = spread(subjects[0].rounds.map(({ ms }) => ms)).median;
  for (const { name, rounds } of subjects) {
    const time = spread(rounds.map(({ ms }) => ms));
    const memory = spread(rounds.map(({ mib }) => mib));
    console.log(
      `  ${name.padEnd(24)} ${time.median.toFixed(0).padStart(5)} ms (${time.least.toFixed(0)} to ${time.most.toFixed(0)})` +
        `  ${(time.median / base).toFixed(2)} x  ${memory.median.toFixed(0).padStart(5)} MiB (PSS of all processes)`,
    );
  }
}

await main(async () => {
  checkNodeAndRust();
  await installSystemPackages([...FOR_THE_APP, ...FOR_THE_TESTS]);
  await installPackages();
  console.log(`${cpus().length} cores, ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB`);
  const only = process.argv[2];
  if (only === undefined || only === "rust") await rustBenches();
  // Only when asked for: it downloads and builds crates that nothing else here uses.
  if (only === "peers") await peerBench();
  // Only when asked for: it fills a store with a million messages, which takes minutes and four gigabytes.
  if (only === "search") await searchBench();
  // Only when asked for, as it takes a minute to fill a store with a million entries.
  if (only === "costs") await costsBench();
  if (only === undefined || only === "start" || only === "window") {
    if (process.platform !== "linux") throw new Explained("The window is measured on Linux only: it takes WebDriver for the web view.");
    const driver = await parts.driver.body();
    if (driver.code !== 0) throw new Explained(driver.output);
    if (only !== "window") await startBench();
    if (only !== "start" && !(await longChatBench())) throw new Explained("The window is slower than its limits.");
    if (only !== "start" && !(await lanesBench())) throw new Explained("Lanes side by side are slower than their limit.");
    if (only !== "start" && !(await costsPaintBench())) throw new Explained("The Costs screen is slower than its limit.");
  }
  return 0;
});
