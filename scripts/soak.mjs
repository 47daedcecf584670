import { join } from "node:path";
import { countOfRustTests, parts, rustTests } from "./lib/parts.mjs";
import { root } from "./lib/paths.mjs";
import { propertyTests } from "./lib/properties.mjs";
import { main, onPath } from "./lib/run.mjs";
import { session } from "./lib/session.mjs";
import { FOR_THE_APP, FOR_THE_TESTS } from "./lib/system.mjs";

// proptest's own default is 256; its seed is fixed so that a failure of one run is a failure of the next.
const LONG = { PROPTEST_CASES: "2000", PROPTEST_RNG_SEED: "20261121" };

const nextest = onPath("cargo-nextest");
// A test called `child` is the other process of a test beside it and does nothing by itself.
const ignored = nextest ? ["--run-ignored", "only", "-E", "not test(/(^|::)child$/)"] : ["--", "--ignored"];
const names = propertyTests([join(root, "crates"), join(root, "tests")]);
// Each case of these opens a store of its own and waits for the disk.
const OVER_A_STORE = ["the_branch_is_what_the_tree_says"];
const only = (some) => (nextest ? ["-E", some.map((name) => `test(${name})`).join(" | ")] : ["--", ...some]);

const steps = [
  parts.page,
  parts.driver,
  parts.app,
  {
    name: "kill loop, power loss, routes and costs",
    lane: "cargo",
    needs: [parts.page.name],
    run: rustTests(...ignored),
    summary: countOfRustTests,
  },
  {
    name: "long property tests",
    lane: "cargo",
    needs: [parts.page.name],
    run: rustTests(...only(names.filter((name) => !OVER_A_STORE.includes(name)))),
    env: LONG,
    summary: countOfRustTests,
  },
  {
    name: "long property tests over a store",
    lane: "cargo",
    needs: [parts.page.name],
    run: rustTests(...only(OVER_A_STORE)),
    env: { ...LONG, PROPTEST_CASES: "400" },
    summary: countOfRustTests,
  },
  {
    // The library under the keyring behaves otherwise where any crate of the program turns this feature on.
    name: "keyring with zbus on Tokio",
    lane: "cargo",
    run: ["cargo", ...(nextest ? ["nextest", "run"] : ["test"]), "--locked", "-p", "parlance-tests", "--features", "zbus-tokio", "--test", "keyring"],
    summary: countOfRustTests,
    elsewhere: process.platform === "linux" ? null : "the Secret Service exists on Linux only",
  },
  parts.paused,
];

await main(() => session(steps, [...FOR_THE_APP, ...FOR_THE_TESTS]));
