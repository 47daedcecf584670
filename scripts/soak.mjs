import { countOfRustTests, parts, rustTests } from "./lib/parts.mjs";
import { onPath, main } from "./lib/run.mjs";
import { session } from "./lib/session.mjs";
import { FOR_THE_APP, FOR_THE_TESTS } from "./lib/system.mjs";

// proptest's own default is 256; its seed is fixed so that a failure of one run is a failure of the next.
const LONG = { PROPTEST_CASES: "20000", PROPTEST_RNG_SEED: "20261121" };

const ignored = onPath("cargo-nextest") ? ["--run-ignored", "only"] : ["--", "--ignored"];
const properties = onPath("cargo-nextest") ? ["-E", "test(/property/)"] : ["property"];

const steps = [
  parts.page,
  parts.driver,
  parts.app,
  {
    name: "kill loop and power loss",
    lane: "cargo",
    needs: [parts.page.name],
    run: rustTests(...ignored),
    summary: countOfRustTests,
  },
  {
    name: "long property tests",
    lane: "cargo",
    needs: [parts.page.name],
    run: rustTests(...properties),
    env: LONG,
    summary: countOfRustTests,
  },
  parts.paused,
];

await main(() => session(steps, [...FOR_THE_APP, ...FOR_THE_TESTS]));
