// Saves what the real window shows in every screen and state, light and dark, wide and narrow.
//   node screenshots.mjs FOLDER [SCENE …]        (npm run screenshots builds the app and the sample store first)
// PARLANCE_SAMPLE names a data folder as `sample` fills it; PARLANCE_SIZES the sizes, e.g. "1440x900 720x640".
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { LLMock } from "@copilotkit/aimock";
import { Key } from "selenium-webdriver";
import { App, results, until } from "./harness/app.mjs";
import { startDisplay } from "./harness/display.mjs";
import { MODEL, binary, numberedWords } from "./harness/scene.mjs";
import { addMock, openDemo, settled } from "./harness/ways.mjs";

const SIZES = (process.env.PARLANCE_SIZES ?? "1440x900 1024x700").split(" ").map((size) => size.split("x").map(Number));
const THEMES = ["light", "dark"];
const SAMPLE = process.env.PARLANCE_SAMPLE;
const folder = resolve(process.argv[2] ?? join(results, "screenshots"));
const wanted = process.argv.slice(3);

/** One picture of the present state for each theme and size. */
async function shoot(app, name) {
  if (wanted.length > 0 && !wanted.includes(name)) return;
  for (const theme of THEMES) {
    await app.run("document.documentElement.dataset.theme = arguments[0]", theme);
    for (const [width, height] of SIZES) {
      await app.driver.manage().window().setRect({ x: 0, y: 0, width, height });
      await until("the page to have that size", () => app.run("return innerWidth === arguments[0]", width));
      await app.runAsync("await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
      console.log(await app.screenshot(`${name}-${width}-${theme}`, folder));
    }
  }
  await wide(app);
}

/** Back to the first size, where every pane is beside the others. */
async function wide(app) {
  const [width, height] = SIZES[0];
  await app.driver.manage().window().setRect({ x: 0, y: 0, width, height });
  await until("the page to have that size", () => app.run("return innerWidth === arguments[0]", width));
}

async function chord(app, held, key) {
  let actions = app.driver.actions();
  for (const one of held) actions = actions.keyDown(one);
  actions = actions.sendKeys(key);
  for (const one of held.toReversed()) actions = actions.keyUp(one);
  await actions.perform();
}

const press = (app, ...keys) => app.driver.actions().sendKeys(...keys).perform();

const gone = (app, id) => until(`"${id}" to go`, async () => (await app.all(id)).length === 0);

/** Presses the first button with this accessible name. */
const clickNamed = (app, name) =>
  until(`"${name}" to take a click`, () =>
    app.run(
      `const named = [...document.querySelectorAll('button, [role="menuitem"]')].find((one) =>
         one.offsetParent !== null && ((one.getAttribute('aria-label') ?? '') + ' ' + one.innerText).includes(arguments[0]));
       named?.click();
       return named !== undefined`,
      name,
    ),
  );

async function withApp(body, { sample = false } = {}) {
  const home = mkdtempSync(join(tmpdir(), "parlance-shots-"));
  const display = await startDisplay();
  const mock = new LLMock({ port: 0, host: "127.0.0.1" });
  await mock.start();
  if (sample) cpSync(SAMPLE, join(home, "data"), { recursive: true });
  const app = new App({ binary, home, display: display.display, env: { SAMPLE_KEY: "a-key-for-pictures" } });
  try {
    await app.open();
    await wide(app);
    await body(app, mock);
  } finally {
    await app.kill();
    await mock.stop();
    await display.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

async function firstRun(app) {
  await shoot(app, "first-run");
  await openDemo(app);
  await app.send("Show me what you can do");
  await app.lastText("message-assistant", "the demo to answer", (text) => text.length > 40);
  await shoot(app, "streaming");
  await settled(app, 60_000);
  await shoot(app, "demo");
}

/** What happens with a provider that answers, breaks and waits. */
async function composing(app, mock) {
  const streaming = { chunkSize: 9, streamingProfile: { ttft: 20, tps: 200 } };
  mock.on({ userMessage: "Break", model: MODEL }, { content: numberedWords(200) }, { ...streaming, truncateAfterChunks: 60 });
  mock.on({ userMessage: "long", model: MODEL }, { content: numberedWords(4000) }, { chunkSize: 9, streamingProfile: { ttft: 20, tps: 20 } });
  await addMock(app, mock);
  await app.send("Break off in the middle, please");
  await app.find("continue");
  await shoot(app, "cut-off");
  await app.click("new-chat");
  await app.send("Something long");
  await app.lastText("message-assistant", "the long answer", (text) => text.includes("word0010"));
  for (const ahead of ["And how does that look in Rust?", "Then as a table"]) {
    await app.type("composer", ahead);
    await press(app, Key.ENTER);
  }
  await shoot(app, "queue");
  await app.click("stop");
}

/** A person's chats after some weeks. */
async function lived(app) {
  await app.click("chat-item");
  await clickNamed(app, "Batching and tail latency");
  await app.lastText("message-assistant", "the chat", (text) => text.includes("rule") || text.includes("batch"));
  await shoot(app, "chat-end");
  await app.run("document.querySelector('[role=\"log\"]').scrollTop = 0");
  await until("the formula", () => app.run("return document.querySelector('math') !== null"));
  await shoot(app, "chat");
  await clickNamed(app, "attempts");
  await shoot(app, "attempts");
  await press(app, Key.ESCAPE);
  await clickNamed(app, "Edit message");
  await app.find("editor");
  await shoot(app, "edit");
  await press(app, Key.ESCAPE);
  await app.click("open-parameters");
  await app.find("parameters");
  await shoot(app, "parameters");
  await press(app, Key.ESCAPE);
  await app.click("context-gauge");
  await app.find("context-breakdown");
  await shoot(app, "context");
  await press(app, Key.ESCAPE);
  await chord(app, [Key.CONTROL], "l");
  await app.find("model-picker");
  await shoot(app, "model-picker");
  await clickNamed(app, "By model");
  await shoot(app, "model-picker-by-model");
  await press(app, Key.ESCAPE);
  await gone(app, "model-picker");
  await chord(app, [Key.CONTROL], "k");
  await app.find("palette");
  await press(app, "queue");
  await until("hits in the palette", async () => (await app.texts("palette-row")).length > 0);
  await shoot(app, "palette");
  await press(app, Key.ESCAPE);
  await gone(app, "palette");
  await press(app, "?");
  await shoot(app, "shortcuts-help");
  await press(app, Key.ESCAPE);
}

async function screens(app) {
  await chord(app, [Key.CONTROL, Key.SHIFT], "f");
  await app.find("search-field");
  await shoot(app, "search-empty");
  await app.type("search-field", "batch size");
  await until("hits", async () => (await app.all("search-hit")).length > 0);
  await shoot(app, "search");
  await app.type("search-field", "nothing like this is:failed");
  await app.find("search-none");
  await shoot(app, "search-none");
  await app.click("nav-providers");
  await shoot(app, "providers");
  await clickNamed(app, "Anthropic");
  await shoot(app, "provider");
  await app.click("nav-settings");
  for (const page of ["general", "appearance", "shortcuts", "data", "keys", "about"]) {
    await app.click(`settings-page-${page}`);
    await shoot(app, `settings-${page}`);
  }
  await app.click("nav-chat");
  for (const shelf of ["archive", "trash"]) {
    await app.click(`open-${shelf}`);
    await shoot(app, `${shelf}-empty`);
    // A narrow window has put the list away, and with it the shelf that was open.
    if ((await app.all("shelf-back")).length > 0) await app.click("shelf-back");
  }
  await app.click("new-chat");
  await shoot(app, "new-chat");
}

const runs = [
  [firstRun, {}],
  [composing, {}],
  ...(SAMPLE ? [[lived, { sample: true }], [screens, { sample: true }]] : []),
];
for (const [body, options] of runs) await withApp(body, options);
