import { WORKSPACE } from "./lib/build.mjs";
import { checkNodeAndRust } from "./lib/prerequisites.mjs";
import { attached, main } from "./lib/run.mjs";

// The test that compares the bindings with the commands writes them anew when told so.
await main(() => {
  checkNodeAndRust();
  const env = { ...process.env, PARLANCE_WRITE_BINDINGS: "1" };
  return attached("cargo", ["test", "--quiet", ...WORKSPACE, "--lib", "the_committed_bindings"], { env });
});
