import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { releaseApp } from "./lib/build.mjs";
import { parts, withTools } from "./lib/parts.mjs";
import { root } from "./lib/paths.mjs";
import { checkNodeAndRust, installPackages } from "./lib/prerequisites.mjs";
import { Explained, attached, main } from "./lib/run.mjs";
import { FOR_THE_APP, FOR_THE_TESTS, installSystemPackages } from "./lib/system.mjs";

await main(async () => {
  checkNodeAndRust();
  await installSystemPackages([...FOR_THE_APP, ...FOR_THE_TESTS]);
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
    return await attached(process.execPath, [script, folder, ...process.argv.slice(3)], { env });
  } finally {
    rmSync(sample, { recursive: true, force: true });
  }
});
