import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository root, wherever the command was started. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Logs, screenshots and reports of test runs. */
export const results = join(root, "test-results");

const suffix = process.platform === "win32" ? ".exe" : "";

let target;

/** Cargo's target folder: CARGO_TARGET_DIR and the user's cargo config both move it. */
export function targetDir() {
  target ??= JSON.parse(
    execFileSync("cargo", ["metadata", "--no-deps", "--format-version", "1"], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
      maxBuffer: 64 << 20,
    }),
  ).target_directory;
  return target;
}

/** The app as cargo leaves it; profile is "debug" or "release". */
export function appBinary(profile) {
  return join(targetDir(), profile, `parlance${suffix}`);
}

/** Where the tools go that `npm test` installs for itself: outside the user's own cargo folder. */
export function toolsDir() {
  return join(targetDir(), "tools");
}
