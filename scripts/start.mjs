import { releaseApp } from "./lib/build.mjs";
import { checkNodeAndRust, installPackages } from "./lib/prerequisites.mjs";
import { Explained, attached, main } from "./lib/run.mjs";
import { FOR_THE_APP, hasDisplay, installSystemPackages } from "./lib/system.mjs";

const NO_DISPLAY =
  "There is no display here (DISPLAY and WAYLAND_DISPLAY are not set), so no window can open.\n" +
  "On a machine without a screen, Xvfb gives one (package xvfb):\n\n  xvfb-run -a npm start\n";

await main(async () => {
  checkNodeAndRust();
  if (!hasDisplay()) throw new Explained(NO_DISPLAY);
  await installSystemPackages(FOR_THE_APP);
  await installPackages();
  const app = await releaseApp();
  return attached(app, process.argv.slice(2));
});
