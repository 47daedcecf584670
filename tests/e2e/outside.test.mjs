import assert from "node:assert/strict";
import { until } from "./harness/app.mjs";
import { browser } from "./harness/browser.mjs";
import { startCanary } from "./harness/canary.mjs";
import { MODEL, flat, windowTest } from "./harness/scene.mjs";
import { addMock, clickNamed, gone, settled } from "./harness/ways.mjs";

const ADDRESS = "https://manual.example.org/batching?page=2&part=a%20b";
const desk = browser();

windowTest(
  "a link opens in the browser once it was shown and confirmed, and the page can open nothing by itself (UI-4, TAU-8)",
  async ({ app, mock }) => {
    const content = `Read [the manual](${ADDRESS}), not [this](javascript:alert(1)), [that](file:///etc/passwd) or [those](vscode://x).`;
    mock.on({ userMessage: "link", model: MODEL }, { content });
    await app.open();
    await addMock(app, mock);
    await app.send("Something with a link");
    await app.lastText("message-assistant", "the link", (text) => text.includes("the manual"));
    await settled(app);

    for (const words of ["this", "that", "those"]) {
      await app.run(
        `const link = [...document.querySelectorAll('[data-testid="message-assistant"] a, [data-testid="message-assistant"] [role="link"], [data-testid="message-assistant"] button')].find((one) => one.innerText === arguments[0]);
         link?.click();`,
        words,
      );
    }
    assert.equal((await app.all("link-dialog")).length, 0, "what is no address of the web asks nothing");

    await clickNamed(app, "the manual", '[data-testid="message-assistant"]');
    await app.find("link-dialog");
    assert.equal(flat(await (await app.find("link-host")).getText()), "manual.example.org");
    assert.deepEqual(desk.opened(), [], "nothing opens before it is confirmed");
    await app.click("link-open");
    await until("the browser to be asked", () => desk.opened().length > 0);
    await gone(app, "link-dialog");

    const refused = await app.runAsync(
      `const tries = [
         ["plugin:opener|open_url", { url: args[0] }],
         ["plugin:opener|open_path", { path: "/etc/passwd" }],
         ["plugin:opener|reveal_item_in_dir", { paths: ["/etc/passwd"] }],
         ["plugin:shell|open", { path: args[0] }],
         ["plugin:fs|read_text_file", { path: "/etc/passwd" }],
         ["open_link", { address: "file:///etc/passwd" }],
         ["open_link", { address: "javascript:alert(1)" }],
         ["open_link", { address: "https://a.example\\n--new-window" }],
       ];
       const answers = [];
       for (const [command, values] of tries) {
         answers.push(await window.__TAURI_INTERNALS__.invoke(command, values).then(() => command + " was done", () => "refused"));
       }
       return answers;`,
      ADDRESS,
    );
    assert.deepEqual(new Set(refused), new Set(["refused"]));
    assert.deepEqual(desk.opened(), [ADDRESS]);
  },
  { env: desk.env },
);

windowTest("a picture of an answer is not fetched unasked, and from this computer not even then (UI-3)", async ({ app, mock }) => {
  const canary = await startCanary();
  try {
    const content = `Look: ![a chart](http://127.0.0.1:${canary.port}/chart.png?chat=1)`;
    mock.on({ userMessage: "picture", model: MODEL }, { content });
    await app.open();
    await addMock(app, mock);
    await app.send("Show me a picture");
    await app.lastText("message-assistant", "the place of the picture", (text) => text.includes("a chart"));
    await settled(app);
    await clickNamed(app, "a chart", '[data-testid="message-assistant"]');
    await app.lastText("message-assistant", "that it cannot be had", (text) => text.includes("could not"));
    assert.deepEqual(canary.seen, []);
  } finally {
    await canary.stop();
  }
});

windowTest("a window comes back as large as it was, with what was half written", async ({ app, mock }) => {
  mock.on({ userMessage: "never", model: MODEL }, { content: "It is never sent." });
  await app.open();
  await addMock(app, mock);
  await app.driver.manage().window().setRect({ x: 40, y: 30, width: 1111, height: 777 });
  await until("that size", () => app.run("return innerWidth === 1111 && innerHeight === 777"));
  await app.type("composer", "A thought that was not sent");
  await app.quit();
  await app.open();
  await until("the words again", async () => (await (await app.find("composer")).getAttribute("value")) === "A thought that was not sent");
  const size = await app.run("return [innerWidth, innerHeight]");
  assert.deepEqual(size, [1111, 777]);
});
