import { checkNodeAndRust, installPackages } from "./lib/prerequisites.mjs";
import { attached, main } from "./lib/run.mjs";
import { FOR_THE_APP, installSystemPackages } from "./lib/system.mjs";

await main(async () => {
  checkNodeAndRust();
  await installSystemPackages(FOR_THE_APP);
  await installPackages();
  return attached("npx", ["--no-install", "tauri", "dev", ...process.argv.slice(2)]);
});
