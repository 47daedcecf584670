import { join, resolve } from "node:path";
import { releaseApp } from "./lib/build.mjs";
import { parts, withTools } from "./lib/parts.mjs";
import { results, root } from "./lib/paths.mjs";
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
  const folder = resolve(process.argv[2] ?? join(results, "screenshots"));
  return attached(process.execPath, [join(root, "tests", "e2e", "screenshots.mjs"), folder], { env });
});
