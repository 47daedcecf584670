import assert from "node:assert/strict";
import { Key } from "selenium-webdriver";
import { until } from "./harness/app.mjs";
import { MODEL, flat, windowTest } from "./harness/scene.mjs";
import { rows } from "./harness/store.mjs";
import { addMock, chord, dropFiles, press, settled } from "./harness/ways.mjs";

/** What has the focus: its test id, or its text. */
const focused = (app) =>
  app.run("const one = document.activeElement; return one?.dataset.testid ?? one?.innerText ?? ''");

const said = async (app, id) => (await app.texts(id)).map(flat);

/** Sends and waits for the whole answer. */
async function ask(app, question, answer) {
  await app.send(question);
  await app.lastText("message-assistant", `the answer "${answer}"`, (text) => flat(text).includes(answer));
  await settled(app);
}

/** The bodies of the chat completions that were asked for. */
const asked = (mock) => mock.getRequests().filter(({ path }) => path.includes("chat/completions")).map(({ body }) => body);

/** Clicks a button by its name within the last message of a kind. */
async function clickIn(app, message, name) {
  await until(`"${name}" to take a click`, () =>
    app.run(
      `const all = [...document.querySelectorAll('[data-testid="' + arguments[0] + '"]')];
       const button = all.at(-1)?.querySelector('button[aria-label="' + arguments[1] + '"]:not(:disabled)');
       button?.click();
       return button !== null && button !== undefined`,
      message,
      name,
    ),
  );
}

windowTest("a question is edited and run again, versions are turned, and a branch is a chat of its own", async ({ app, mock }) => {
  mock.on({ userMessage: "high", model: MODEL }, { content: "High water is at six." });
  mock.on({ userMessage: "low", model: MODEL }, { content: "Low water is at noon." });
  await app.open();
  await addMock(app, mock);
  await ask(app, "When is high water?", "High water is at six.");

  await clickIn(app, "message-user", "Edit message");
  await app.find("editor");
  const field = await app.driver.findElement({ css: '[data-testid="editor"] textarea' });
  await field.clear();
  await field.sendKeys("When is low water?");
  await app.click("run-edit");
  await app.lastText("message-assistant", "the answer to the new words", (text) => flat(text).includes("Low water is at noon."));
  await settled(app);
  assert.deepEqual((await said(app, "message-user")).map((text) => text.includes("When is low water?")), [true]);
  assert.match((await said(app, "message-user"))[0], /2\s?\/\s?2/, "the question says that it is the second of two");

  await clickIn(app, "message-user", "Older version");
  await app.lastText("message-assistant", "the first answer again", (text) => flat(text).includes("High water is at six."));
  await clickIn(app, "message-user", "Newer version");
  await app.lastText("message-assistant", "the second answer again", (text) => flat(text).includes("Low water is at noon."));
  const kept = await rows(app.dataDir, "SELECT count(*) AS n FROM message WHERE role = 'user' AND deleted_at IS NULL");
  assert.equal(kept[0].n, 2, "the old words are kept as a version");

  await app.click("branch");
  await until("two chats in the list", async () => (await app.all("chat-item")).length === 2);
  await app.lastText("message-assistant", "the branch with its answer", (text) => flat(text).includes("Low water is at noon."));
  await ask(app, "And when is high water?", "High water is at six.");
  assert.equal((await app.all("message-user")).length, 2);
  const messages = asked(mock).at(-1).messages.map(({ role, content }) => [role, typeof content === "string" ? content : content[0].text]);
  assert.deepEqual(messages, [
    ["user", "When is low water?"],
    ["assistant", "Low water is at noon."],
    ["user", "And when is high water?"],
  ]);
  await app.screenshot("branch");

  await clickIn(app, "message-user", "Delete");
  await until("question and answer out of the branch", async () => (await app.all("message-user")).length === 1);
  await chord(app, [Key.CONTROL], "z");
  await until("both back", async () => (await app.all("message-user")).length === 2 && (await app.all("message-assistant")).length === 2);
});

windowTest("a word is searched for and its message found in a long chat", async ({ app, mock }) => {
  mock.on({ userMessage: "needle", model: MODEL }, { content: "Look for `max_wait_ms` in the haystack, 東京都の天気." });
  mock.on({ userMessage: "hay", model: MODEL }, { content: "Only hay here.\n\n".repeat(12) });
  await app.open();
  await addMock(app, mock);
  await ask(app, "Where is the needle?", "max_wait_ms");
  for (let round = 0; round < 6; round += 1) await ask(app, `Some hay, number ${round}`, "Only hay here.");
  await app.click("new-chat");

  await chord(app, [Key.CONTROL, Key.SHIFT], "f");
  await app.find("search-field");
  for (const words of ["max_wait_ms", "wait", "東京", "haystack"]) {
    await app.type("search-field", words);
    await until(`a hit for ${words}`, async () => (await said(app, "search-hit")).some((text) => text.includes("max_wait_ms")));
  }
  await app.screenshot("search");
  await press(app, Key.ENTER);
  await until("the found message on the screen", () =>
    app.run(
      `const found = [...document.querySelectorAll('[data-testid="message-assistant"]')].find((one) => one.innerText.includes('haystack'));
       if (!found) return false;
       const { top, bottom } = found.getBoundingClientRect();
       return bottom > 0 && top < innerHeight`,
    ),
  );
  const hay = await rows(app.dataDir, "SELECT count(*) AS n FROM conversation");
  assert.equal(hay[0].n, 1);
});

windowTest("a picture is dragged in, shown, sent as a picture, and is there after a restart", async ({ app, mock }) => {
  mock.on({ userMessage: "picture", model: MODEL }, { content: "A single dot." });
  await app.open();
  await addMock(app, mock);
  const shown = await dropFiles(app, [{ name: "dot.png", type: "image/png" }]);
  assert.notEqual(shown, "", "while it is over the window, the window says what will happen");
  await until("the picture at the composer", async () => (await said(app, "attachment")).some((text) => text.includes("dot.png")));
  await ask(app, "What is in this picture?", "A single dot.");
  const parts = asked(mock).at(-1).messages.at(-1).content;
  assert.ok(Array.isArray(parts), "the request carries parts");
  assert.match(parts.find(({ type }) => type === "image_url").image_url.url, /^data:image\/png;base64,iVBOR/);
  await app.screenshot("picture-sent");
  assert.equal((await rows(app.dataDir, "SELECT media_type FROM attachment"))[0].media_type, "image/png");
  await app.quit();

  await app.open();
  await app.click("chat-item");
  await until("the picture in its message", () =>
    app.run(
      `const picture = document.querySelector('[data-testid="message-user"] img');
       return picture !== null && picture.naturalWidth === 24`,
    ),
  );
});

windowTest("a chat from its start to its end by the keyboard alone, with the palette", async ({ app }) => {
  await app.open();
  await until("the demo's button to have the focus", async () => {
    if ((await focused(app)) === "open-demo") return true;
    await press(app, Key.TAB);
    return false;
  });
  await press(app, Key.ENTER);
  await app.find("demo-banner");
  await until("the composer to have the focus", async () => (await focused(app)) === "composer");
  await press(app, "Show me what you can do", Key.ENTER);
  await app.lastText("message-assistant", "the demo to answer", (text) => text.length > 40);
  await settled(app, 60_000);

  await chord(app, [Key.ALT], Key.ARROW_UP);
  await until("the question at the top", () =>
    app.run(
      `const { top } = document.querySelector('[data-testid="message-user"]')?.getBoundingClientRect() ?? { top: -1 };
       return top >= 0 && top < innerHeight / 2`,
    ),
  );

  await chord(app, [Key.CONTROL], "k");
  await app.find("palette");
  await press(app, "dark");
  await until("the action in the palette", async () => (await said(app, "palette-row"))[0]?.toLowerCase().includes("dark"));
  await app.screenshot("palette");
  await press(app, Key.ENTER);
  await until("the dark theme", () => app.run("return document.documentElement.dataset.theme === 'dark'"));

  await chord(app, [Key.CONTROL, Key.SHIFT], "r");
  await until("a second version", async () => /2\s?\/\s?2/.test((await said(app, "message-assistant")).at(-1) ?? ""));
  await settled(app, 60_000);

  await press(app, Key.F6);
  await until("the list to be reached", async () => {
    if ((await focused(app)) === "chat-item") return true;
    const inList = await app.run("return document.activeElement?.closest('[data-testid=\"chat-list\"]') !== null");
    await press(app, inList ? Key.TAB : Key.F6);
    return false;
  });
  await press(app, Key.F2);
  await press(app, "All by keys", Key.ENTER);
  await until("the new title", async () => (await said(app, "chat-item"))[0]?.includes("All by keys"));
  await press(app, Key.DELETE);
  await until("an empty list", async () => (await app.all("chat-item")).length === 0);
  await chord(app, [Key.CONTROL], "z");
  await until("the chat again", async () => (await said(app, "chat-item"))[0]?.includes("All by keys"));
});
