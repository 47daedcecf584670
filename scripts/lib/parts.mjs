import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { WORKSPACE } from "./build.mjs";
import { appBinary, results, root, toolsDir } from "./paths.mjs";
import { answer, captured, onPath, withPath } from "./run.mjs";

const npm = (script) => ["npm", "run", "--silent", script, "--workspace", "ui"];
const onLinux = process.platform === "linux";
const LINUX_ONLY = "WebDriver for the system web view exists on Linux only";

/** Adds the folder of the tools that `npm test` installs for itself. */
export const withTools = () => withPath(join(toolsDir(), "bin"));

const last = (pattern) => (output) => [...output.matchAll(pattern)].at(-1)?.[0].trim() ?? "";

/** Whether cargo installed this tool at this version: into its own folder, or into the one given. */
const installed = (name, version, ...root) =>
  (answer("cargo", ["install", "--list", ...root]) ?? "").includes(`${name} v${version}:`);

/** Installs a cargo tool at a fixed version into the target folder, unless it is there or on the PATH. */
export async function tool(name, version) {
  const binary = join(toolsDir(), "bin", process.platform === "win32" ? `${name}.exe` : name);
  const there = existsSync(binary) && installed(name, version, "--root", toolsDir());
  if (there || (onPath(name) && installed(name, version))) return { code: 0, output: "" };
  const args = ["install", name, "--version", version, "--locked", "--root", toolsDir()];
  return captured("cargo", [...args, "--target-dir", join(toolsDir(), "build")]);
}

/** Names the shell's crates where they must not be: below the shell. */
async function layers() {
  let output = "";
  let code = 0;
  for (const crate of ["parlance-providers", "parlance-core", "parlance-tests"]) {
    const tree = await captured("cargo", [
      "tree",
      "--locked",
      "-p",
      crate,
      "-e",
      "normal,build,dev",
      "--prefix",
      "none",
    ]);
    const found = [...new Set(tree.output.match(/^(tauri|wry|tao|webkit2gtk)(-\S+)? v\S+/gm) ?? [])];
    if (tree.code !== 0 || found.length > 0) code = 1;
    output += tree.code !== 0 ? tree.output : `${crate}: ${found.length > 0 ? found.join(", ") : "no shell below"}\n`;
  }
  const wire = await captured("cargo", ["tree", "--locked", "-p", "parlance-providers", "--prefix", "none"]);
  const heavy = wire.output.match(/^(rusqlite|keyring|keyring-core|parlance-core) v\S+/gm) ?? [];
  if (heavy.length > 0) code = 1;
  return { code, output: `${output}providers above its layer: ${heavy.join(", ") || "nothing"}\n` };
}

async function dependencies() {
  const ready = await tool("cargo-deny", "0.20.2");
  if (ready.code !== 0) return ready;
  return captured("cargo", ["deny", "--locked", "check", "bans", "licenses", "sources"], { env: withTools() });
}

/** Packages outside the workspace. */
const OUTSIDE = ["fuzz", join("tests", "bench"), join("tests", "bench-peers")];

/** rustfmt over the workspace and over the packages outside it. */
async function formatting() {
  let { code, output } = await captured("cargo", ["fmt", "--all", "--check"]);
  for (const folder of OUTSIDE) {
    const done = await captured("cargo", ["fmt", "--check", "--manifest-path", join(folder, "Cargo.toml")]);
    code ||= done.code;
    output += done.output;
  }
  return { code, output };
}

const nextest = onPath("cargo-nextest");

export const rustTests = (...extra) =>
  nextest
    ? ["cargo", "nextest", "run", ...WORKSPACE, "--no-fail-fast", ...extra]
    : ["cargo", "test", ...WORKSPACE, "--no-fail-fast", ...extra];

export const countOfRustTests = (output) =>
  nextest ? last(/\d+ tests? run: .*/g)(output) : `${[...output.matchAll(/^test .* ok$/gm)].length} tests`;

/** node's own runner prints `# pass 12` or `ℹ pass 12`. A run without a single test is a failure. */
export async function nodeTests(folder, env = {}) {
  // Node 20 has no globs here.
  const files = readdirSync(folder).filter((name) => name.endsWith(".test.mjs"));
  const args = [
    "--test",
    "--test-concurrency=1",
    "--test-reporter=spec",
    "--test-force-exit",
    ...files.map((name) => join(folder, name)),
  ];
  const done = await captured(process.execPath, args, { env: { ...process.env, ...env } });
  const passed = Number(/^\S* ?pass (\d+)$/m.exec(done.output)?.[1] ?? 0);
  return passed > 0 ? done : { code: done.code || 1, output: `${done.output}\nNo test has run.\n` };
}

const countOfNodeTests = (output) => {
  const count = (word) => new RegExp(`^\\S* ?${word} (\\d+)$`, "m").exec(output)?.[1];
  return `${count("pass")} tests passed, ${count("fail")} failed, ${count("skipped")} skipped`;
};

async function windowTests(folder) {
  const env = { ...withTools(), PARLANCE_APP: appBinary("debug"), PARLANCE_TEST_RESULTS: results };
  return nodeTests(folder, env);
}

/** Every part of a test run, by name; a command picks the ones it runs. */
export const parts = {
  page: { name: "page build", lane: "node", run: npm("build") },
  rustfmt: { name: "rustfmt", lane: "cargo", body: formatting },
  layers: { name: "layers", lane: "cargo", body: layers },
  dependencies: { name: "dependencies", lane: "cargo", body: dependencies },
  clippy: {
    name: "clippy",
    lane: "cargo",
    needs: ["page build"],
    run: ["cargo", "clippy", ...WORKSPACE, "--all-targets", "--", "-D", "warnings"],
  },
  app: {
    name: "app build",
    lane: "cargo",
    needs: ["page build"],
    run: ["cargo", "build", ...WORKSPACE, "--bins"],
  },
  rust: {
    name: "Rust tests",
    lane: "cargo",
    needs: ["page build"],
    run: rustTests(),
    summary: countOfRustTests,
  },
  rustDocs: {
    name: "Rust documentation tests",
    lane: "cargo",
    needs: ["page build"],
    run: ["cargo", "test", "--doc", ...WORKSPACE],
  },
  lint: { name: "prettier and eslint", lane: "node", run: npm("lint") },
  svelte: { name: "svelte-check", lane: "node", run: npm("check") },
  vitest: { name: "page tests", lane: "node", run: npm("test"), summary: last(/Tests .*\d+ passed.*/g) },
  browser: { name: "browser tests", lane: "node", run: npm("test:browser"), summary: last(/^\s*\d+ passed.*/gm) },
  scripts: {
    name: "script tests",
    lane: "node",
    body: () => nodeTests(join(root, "scripts", "tests")),
    summary: countOfNodeTests,
  },
  driver: {
    name: "tauri-driver",
    lane: "cargo",
    body: () => tool("tauri-driver", "2.1.0"),
    elsewhere: onLinux ? null : LINUX_ONLY,
  },
  window: {
    name: "real-window tests",
    lane: "window",
    needs: ["app build", "tauri-driver"],
    body: () => windowTests(join(root, "tests", "e2e")),
    summary: countOfNodeTests,
    elsewhere: onLinux ? null : LINUX_ONLY,
  },
  paused: {
    name: "paused page at 10,000 events a second",
    lane: "cargo",
    needs: ["app build", "tauri-driver"],
    body: () => windowTests(join(root, "tests", "e2e", "soak")),
    summary: countOfNodeTests,
    elsewhere: onLinux ? null : LINUX_ONLY,
  },
};
