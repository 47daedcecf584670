import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { releaseApp } from "./lib/build.mjs";
import { parts, withTools } from "./lib/parts.mjs";
import { root } from "./lib/paths.mjs";
import { checkNodeAndRust, installPackages } from "./lib/prerequisites.mjs";
import { Explained, attached, main } from "./lib/run.mjs";
import { FOR_THE_APP, FOR_THE_PICTURES, FOR_THE_TESTS, installSystemPackages } from "./lib/system.mjs";

/** Makes the pictures of a folder small: a window has few colours. What is small already stays as it is. */
async function small(folder) {
  const files = readdirSync(folder).filter((name) => name.endsWith(".png")).map((name) => join(folder, name));
  const args = ["--force", "--skip-if-larger", "--ext", ".png", "--quality", "80-95", "--speed", "3", "--", ...files];
  const code = files.length === 0 ? 0 : await attached("pngquant", args);
  // 98 and 99: some stayed as they were.
  if (![0, 98, 99].includes(code)) throw new Explained(`pngquant ended with exit code ${code}.`);
}

await main(async () => {
  checkNodeAndRust();
  await installSystemPackages([...FOR_THE_APP, ...FOR_THE_TESTS, ...FOR_THE_PICTURES]);
  await installPackages();
  const driver = await parts.driver.body();
  if (driver.code !== 0) throw new Explained(driver.output);
  const env = { ...withTools(), PARLANCE_APP: process.env.PARLANCE_APP ?? (await releaseApp()) };
  const folder = resolve(process.argv[2] ?? join(root, "docs", "screenshots"));
  const sample = mkdtempSync(join(tmpdir(), "parlance-sample-"));
  try {
    const args = ["run", "--quiet", "--locked", "-p", "parlance-tests", "--bin", "sample", "--", sample];
    if ((await attached("cargo", args, { cwd: root })) !== 0) throw new Explained("The sample store could not be filled.");
    env.PARLANCE_SAMPLE = sample;
    const script = join(root, "tests", "e2e", "screenshots.mjs");
    const code = await attached(process.execPath, [script, folder, ...process.argv.slice(3)], { env });
    await small(folder);
    return code;
  } finally {
    rmSync(sample, { recursive: true, force: true });
  }
});
