import { readFileSync } from "node:fs";
import { join } from "node:path";

const BINDINGS = join(import.meta.dirname, "..", "..", "..", "ui", "src", "lib", "ipc", "bindings.ts");

/** Every command of the app with its arguments' names, as the generated bindings call them. */
export function commands() {
  const text = readFileSync(BINDINGS, "utf8");
  const calls = [...text.matchAll(/invoke(?:<[^(]*>)?\(\s*["']([a-z_]+)["']\s*(?:,\s*\{([^}]*)\})?/gi)];
  const found = new Map();
  for (const [, name, args = ""] of calls) {
    const names = args.split(",").map((part) => part.split(":")[0].trim()).filter(Boolean);
    found.set(name, { name, args: names });
  }
  if (found.size < 20) throw new Error(`only ${found.size} commands were found in ${BINDINGS}`);
  return [...found.values()];
}
