import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Names of the tests inside `proptest!` blocks of the Rust files below these folders. */
export function propertyTests(folders) {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true })
      .filter((file) => file.endsWith(".rs") && !file.split(/[\\/]/).includes("target"))
      .flatMap((file) => namesIn(readFileSync(join(folder, file), "utf8"))),
  );
}

/** The functions marked as tests from each `proptest!` to the bracket that closes it at the same indent. */
export function namesIn(source) {
  const blocks = source.matchAll(/^([ \t]*)(?:proptest::)?proptest!\s*\{$([\s\S]*?)^\1\}$/gm);
  return [...blocks].flatMap(([, , body]) => [...body.matchAll(/#\[test\]\s*fn (\w+)/g)].map(([, name]) => name));
}
