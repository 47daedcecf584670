import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths.mjs";
import { Explained, answer, attached } from "./run.mjs";

const NODE = [20, 19, 0];

const numbers = (text) => (/(\d+)\.(\d+)(?:\.(\d+))?/.exec(text ?? "") ?? []).slice(1, 4).map((part) => Number(part ?? 0));

/** Is version `have` at least `want`? Both as [major, minor, patch]. */
export function atLeast(have, want) {
  for (let i = 0; i < 3; i += 1) {
    if ((have[i] ?? 0) !== (want[i] ?? 0)) return (have[i] ?? 0) > (want[i] ?? 0);
  }
  return true;
}

/** Stops with a clear sentence when Node or Rust are missing or too old. */
export function checkNodeAndRust() {
  if (!atLeast(numbers(process.versions.node), NODE)) {
    throw new Explained(
      `Parlance needs Node ${NODE.join(".")} or newer; this is ${process.versions.node}. Get it from https://nodejs.org.`,
    );
  }
  const manifest = readFileSync(join(root, "Cargo.toml"), "utf8");
  const wanted = /^rust-version = "([^"]+)"/m.exec(manifest)?.[1];
  const found = answer("cargo", ["--version"]);
  if (found === null) {
    throw new Explained(`Parlance needs Rust ${wanted} or newer; cargo was not found. Get it from https://rustup.rs.`);
  }
  if (!atLeast(numbers(found), numbers(wanted))) {
    throw new Explained(`Parlance needs Rust ${wanted} or newer; this is ${found}. Run: rustup update`);
  }
}

/** Installs the npm packages when they are missing or the lock file has changed since. */
export async function installPackages() {
  const lock = readFileSync(join(root, "package-lock.json"));
  const stamp = createHash("sha256").update(lock).update(process.versions.modules).digest("hex");
  const mark = join(root, "node_modules", ".installed-from");
  if (existsSync(mark) && readFileSync(mark, "utf8") === stamp) return;
  console.log("Installing the npm packages (npm ci).");
  // No package here needs its install script, so none may run one.
  const code = await attached("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
  if (code !== 0) throw new Explained(`npm ci failed with exit code ${code}; its own message is above.`);
  writeFileSync(mark, stamp);
}
