import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

/** A program in front of the desktop's own that writes down what it was to open: the environment that has it, and what it wrote. */
export function browser() {
  const folder = mkdtempSync(join(tmpdir(), "parlance-browser-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const log = join(folder, "opened");
  writeFileSync(join(folder, "xdg-open"), `#!/bin/sh\nprintf '%s\\n' "$*" >> '${log}'\n`);
  chmodSync(join(folder, "xdg-open"), 0o755);
  const opened = () => (existsSync(log) ? readFileSync(log, "utf8").split("\n").filter(Boolean) : []);
  return { env: { PATH: `${folder}:${process.env.PATH}` }, opened };
}
