import { parts } from "./lib/parts.mjs";
import { main } from "./lib/run.mjs";
import { session } from "./lib/session.mjs";
import { FOR_THE_APP, FOR_THE_TESTS } from "./lib/system.mjs";

// The order within a lane is the order here; the page must be built before cargo can embed it.
const steps = [
  parts.page,
  parts.rustfmt,
  parts.layers,
  parts.driver,
  parts.dependencies,
  parts.app,
  parts.clippy,
  parts.rust,
  parts.rustDocs,
  parts.lint,
  parts.svelte,
  parts.scripts,
  parts.vitest,
  parts.browser,
  // Alone at the end: a window that shares two cores with a compiler is slow enough to look broken.
  { ...parts.window, after: [parts.rustDocs.name, parts.browser.name] },
];

await main(() => session(steps, [...FOR_THE_APP, ...FOR_THE_TESTS]));
