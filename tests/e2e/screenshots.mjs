// Saves what the window shows, light and dark, wide and narrow, for people to look at.
//   node screenshots.mjs FOLDER        (npm run screenshots -- FOLDER builds the app first)
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { LLMock } from "@copilotkit/aimock";
import { App, results, until } from "./harness/app.mjs";
import { startDisplay } from "./harness/display.mjs";
import { MODEL, binary, numberedWords } from "./harness/scene.mjs";
import { addMock, openDemo, settled } from "./harness/ways.mjs";

const SIZES = [[1440, 900], [1024, 700], [720, 640]];
const THEMES = ["light", "dark"];
const folder = resolve(process.argv[2] ?? join(results, "screenshots"));

/** One picture of the present state for each theme and size. */
async function shoot(app, name) {
  for (const theme of THEMES) {
    await app.run("document.documentElement.dataset.theme = arguments[0]", theme);
    for (const [width, height] of SIZES) {
      await app.driver.manage().window().setRect({ x: 0, y: 0, width, height });
      await until("the page to have that size", () => app.run("return innerWidth === arguments[0]", width));
      await app.runAsync("await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
      console.log(await app.screenshot(`${name}-${theme}-${width}x${height}`, folder));
    }
  }
}

async function withApp(body) {
  const home = mkdtempSync(join(tmpdir(), "parlance-shots-"));
  const display = await startDisplay();
  const mock = new LLMock({ port: 0, host: "127.0.0.1" });
  await mock.start();
  const app = new App({ binary, home, display: display.display });
  try {
    await app.open();
    await body(app, mock);
  } finally {
    await app.kill();
    await mock.stop();
    await display.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

await withApp(async (app) => {
  await shoot(app, "first-run");
  await openDemo(app);
  await app.send("Show me what you can do");
  await app.lastText("message-assistant", "the demo to answer", (text) => text.length > 40);
  await shoot(app, "demo-streaming");
  await settled(app, 60_000);
  await shoot(app, "demo-chat");
});

await withApp(async (app, mock) => {
  const streaming = { chunkSize: 9, streamingProfile: { ttft: 20, tps: 200 } };
  mock.on({ userMessage: "Break", model: MODEL }, { content: numberedWords(200) }, { ...streaming, truncateAfterChunks: 60 });
  await addMock(app, mock);
  await app.send("Break off in the middle, please");
  await app.find("continue");
  await shoot(app, "chat-interrupted");
  await app.click("model-chip");
  await app.find("model-picker");
  await shoot(app, "model-picker");
  await app.run("document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))");
  await until("the picker to close", async () => (await app.all("model-picker")).length === 0);
  await app.click("nav-providers");
  await app.find("add-provider");
  await shoot(app, "providers");
  await app.click("nav-settings");
  for (const page of ["general", "appearance", "shortcuts", "data", "keys", "about"]) {
    await app.click(`settings-page-${page}`);
    await shoot(app, `settings-${page}`);
  }
});
