import { installPackages, checkNodeAndRust } from "./prerequisites.mjs";
import { installSystemPackages } from "./system.mjs";
import { Explained } from "./run.mjs";
import { report, runSteps, selected } from "./steps.mjs";

/** Installs what the steps need, runs them and reports; the last line printed is always the counts. */
export async function session(steps, systemPackages, args = process.argv.slice(2)) {
  const start = Date.now();
  try {
    checkNodeAndRust();
    await installSystemPackages(systemPackages);
    await installPackages();
  } catch (error) {
    console.error(error instanceof Explained ? error.message : error);
    return report([{ name: "set-up", state: "failed", note: "see above", ms: Date.now() - start }], Date.now() - start);
  }
  const chosen = selected(steps, args);
  if (chosen.length === 0) {
    console.error(`No step has that name. Steps: ${steps.map(({ name }) => name).join(", ")}`);
    return 1;
  }
  return report(await runSteps(chosen), Date.now() - start);
}
