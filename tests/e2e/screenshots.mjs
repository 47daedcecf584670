// Saves what the real window shows in every screen and state, light and dark, wide and narrow, and has axe-core look at
// each.
//   node screenshots.mjs FOLDER [NAME …]        (npm run screenshots builds the app and the sample store first)
// PARLANCE_SAMPLE names a data folder as `sample` fills it; PARLANCE_SIZES the sizes, e.g. "1440x900 720x640".
import { join, resolve } from "node:path";
import { results } from "./harness/app.mjs";
import { Camera } from "./screens/camera.mjs";
import { acts as compare } from "./screens/compare.mjs";
import { acts as fresh } from "./screens/fresh.mjs";
import { acts as lived } from "./screens/lived.mjs";
import { perform } from "./screens/stage.mjs";

const sizes = (process.env.PARLANCE_SIZES ?? "1440x900 1024x700").split(" ").map((size) => size.split("x").map(Number));
const folder = resolve(process.argv[2] ?? join(results, "screenshots"));
const camera = new Camera({ folder, sizes, only: process.argv.slice(3) });
const part = process.env.PARLANCE_ACT ?? "";
for (const act of [...fresh, ...lived, ...compare].filter(({ name }) => name.includes(part))) {
  await perform(act, camera, process.env.PARLANCE_SAMPLE);
  console.log(`${act.name}: ${camera.seen.length} states so far`);
}
for (const line of camera.found) console.error(line);
console.log(`${camera.seen.length} states, ${camera.found.length} serious findings of axe-core`);
process.exitCode = camera.found.length > 0 ? 1 : 0;
