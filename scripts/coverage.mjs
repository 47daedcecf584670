import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root, targetDir, toolsDir } from "./lib/paths.mjs";
import { withTools } from "./lib/parts.mjs";
import { checkNodeAndRust, installPackages } from "./lib/prerequisites.mjs";
import { Explained, attached, main, onPath } from "./lib/run.mjs";
import { FOR_THE_APP, FOR_THE_TESTS, installSystemPackages } from "./lib/system.mjs";

/** Per cent of lines that the tests must run, for each crate. */
const LEAST = 90;
const CRATES = ["providers", "core"];
const TARPAULIN = "0.37.5";

async function tarpaulin() {
  process.env.PATH = withTools().PATH;
  if (onPath("cargo-tarpaulin")) return;
  console.log("Coverage is measured by cargo-tarpaulin, which is missing; installing it into the target folder (some minutes).");
  const args = ["install", "cargo-tarpaulin", "--version", TARPAULIN, "--locked", "--no-default-features", "--root", toolsDir()];
  const code = await attached("cargo", [...args, "--target-dir", join(toolsDir(), "build")]);
  if (code !== 0) throw new Explained(`cargo install ended with exit code ${code}.`);
}

await main(async () => {
  checkNodeAndRust();
  await installSystemPackages([...FOR_THE_APP, ...FOR_THE_TESTS]);
  await installPackages();
  await tarpaulin();
  const out = join(root, "coverage");
  const code = await attached("cargo", [
    "tarpaulin",
    "--engine",
    "llvm",
    "--locked",
    "--skip-clean",
    // The vault makes a passphrase slow to guess; instrumented and unoptimised that takes minutes.
    ...["--timeout", "900"],
    ...["parlance-providers", "parlance-core", "parlance-tests"].flatMap((crate) => ["--packages", crate]),
    ...["--include-files", "crates/*", "--exclude-files", "crates/*/tests/*", "--exclude-files", "crates/*/benches/*"],
    ...["--out", "Json", "--output-dir", out, "--target-dir", join(targetDir(), "coverage")],
  ]);
  if (code !== 0) throw new Explained(`cargo tarpaulin ended with exit code ${code}.`);
  const { files } = JSON.parse(readFileSync(join(out, "tarpaulin-report.json"), "utf8"));
  let failed = 0;
  for (const crate of CRATES) {
    const own = files.filter(({ path }) => path.join("/").includes(`/crates/${crate}/src/`));
    const lines = own.reduce((sum, { coverable }) => sum + coverable, 0);
    const covered = own.reduce((sum, file) => sum + file.covered, 0);
    const share = lines === 0 ? 0 : (100 * covered) / lines;
    if (share < LEAST) failed += 1;
    console.log(`${crate.padEnd(10)} ${share.toFixed(1).padStart(5)} %  (${covered} of ${lines} lines, at least ${LEAST} %)`);
    for (const file of own.filter(({ coverable }) => coverable > 0).sort((a, b) => a.covered / a.coverable - b.covered / b.coverable).slice(0, 5)) {
      console.log(`    ${((100 * file.covered) / file.coverable).toFixed(0).padStart(3)} %  ${file.path.join("/").split("/crates/")[1]}`);
    }
  }
  console.log(`${CRATES.length - failed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
});
