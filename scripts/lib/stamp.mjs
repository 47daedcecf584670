import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { answer } from "./run.mjs";
import { root } from "./paths.mjs";

/** Everything the built app is made of. */
const SOURCES = [
  "Cargo.toml",
  "Cargo.lock",
  "tauri.conf.json",
  "package-lock.json",
  "src-tauri",
  "crates",
  "icons",
  "ui",
];
const NOT_SOURCES = new Set(["node_modules", "dist", "dist-fake", "target", "gen", "test-results", "coverage", "playwright-report"]);

function* files(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isDirectory()) {
    yield path;
    return;
  }
  const names = readdirSync(path).filter((name) => !NOT_SOURCES.has(name) && !name.startsWith("."));
  for (const name of names.sort()) yield* files(join(path, name));
}

/** A hash over the contents of the sources under `base` and the compiler that turns them into the app. */
export function sourceStamp(base = root, compiler = answer("rustc", ["-vV"]) ?? "") {
  const hash = createHash("sha256").update(compiler);
  for (const source of SOURCES) {
    for (const file of files(join(base, source))) {
      const content = readFileSync(file);
      hash.update(`\0${relative(base, file)}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest("hex");
}

/** Was the file built from exactly these sources? The stamp is kept beside it. */
export function isFresh(built, stamp) {
  const mark = `${built}.built-from`;
  return existsSync(built) && existsSync(mark) && readFileSync(mark, "utf8") === stamp;
}
