import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Median and the extremes of some numbers. */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, least: sorted[0], most: sorted.at(-1) };
}

/** The value that `share` of the numbers do not pass, e.g. 0.95. */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/**
 * A program that notes the time and then becomes `binary`: the driver starts the app by itself, so this is the only
 * place that knows when. Both sides of the comparison pay for it alike (about 2 ms).
 */
export function timedStart(binary) {
  const folder = mkdtempSync(join(tmpdir(), "parlance-bench-"));
  const note = join(folder, "started");
  const program = join(folder, "start");
  writeFileSync(program, `#!/bin/sh\ndate +%s%N > '${note}'\nexec '${binary}' "$@"\n`);
  chmodSync(program, 0o755);
  return {
    program,
    /** When the program was started, in milliseconds since the epoch. */
    startedAt: () => Number(BigInt(readFileSync(note, "utf8").trim()) / 1000n) / 1000,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Runs a command, shows what it prints, and hands that back too. */
export function shown(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], ...options });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}
