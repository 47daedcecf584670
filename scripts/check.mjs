import { parts } from "./lib/parts.mjs";
import { main } from "./lib/run.mjs";
import { session } from "./lib/session.mjs";
import { FOR_THE_APP } from "./lib/system.mjs";

const steps = [parts.page, parts.rustfmt, parts.layers, parts.clippy, parts.lint, parts.svelte, parts.scripts];

await main(() => session(steps, FOR_THE_APP));
