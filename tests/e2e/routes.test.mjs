import assert from "node:assert/strict";
import { LLMock } from "@copilotkit/aimock";
import { By, Key } from "selenium-webdriver";
import { until } from "./harness/app.mjs";
import { startDoor } from "./harness/gate.mjs";
import { MODEL, flat, numberedWords, windowTest } from "./harness/scene.mjs";
import { integrity, rows } from "./harness/store.mjs";
import { chord, clickNamed, connectMock, gone, settled } from "./harness/ways.mjs";

const FIRST = "House server";
const SPARE = "Spare server";

/** On the providers screen: adds another OpenAI-compatible server. */
async function addSpare(app, server) {
  await app.click("add-provider");
  await app.find("provider-form");
  await app.driver.findElement(By.css('[data-testid="provider-vendor"] option[value="openai-compatible"]')).click();
  await app.type("provider-name", SPARE);
  await app.type("provider-url", `${server.url}/v1`);
  await app.click("provider-save");
  await until("the check of the spare server", async () => {
    const result = await app.find("provider-check-result");
    return (await result.getAttribute("data-ok")) === "true";
  });
}

/** On a route's page: adds a target through its dialog. */
async function addTarget(app, provider) {
  await app.click("add-target");
  const dialog = await app.find("target-dialog");
  await until(`the provider ${provider} in the dialog`, async () => {
    for (const option of await dialog.findElements(By.css('[data-testid="target-provider"] option'))) {
      if ((await option.getText()) === provider) return option.click().then(() => true);
    }
    return false;
  });
  await app.type("target-model-field", MODEL);
  await app.click("target-save");
  await gone(app, "target-dialog");
}

/** The providers of a route's targets as they are stored, in order. */
const stored = async (app) => {
  const found = await rows(
    app.dataDir,
    `SELECT p.name FROM route_target t JOIN route r ON r.id = t.route_id JOIN provider p ON p.id = t.provider_id
      WHERE r.slug <> 'in-my-order' AND r.deleted_at IS NULL ORDER BY r.id, t.position`,
  );
  return found.map(({ name }) => name);
};

/** Waits until the dry run's first line names this provider as the one that would be asked. */
const chosen = (app, provider) =>
  app.lastText("dry-verdict", `the dry run to choose ${provider}`, (text) => text.includes(provider));

/** Moves the last of two targets up by keyboard. */
async function moveUp(app) {
  await app.run("arguments[0].focus()", (await app.all("target-grip")).at(-1));
  await chord(app, [Key.ALT], Key.ARROW_UP);
}

const attempts = (app) =>
  rows(
    app.dataDir,
    `SELECT p.name, a.outcome, a.error_category AS category, a.reason, r.trigger, r.route_id IS NOT NULL AS routed,
            (SELECT count(*) FROM ledger l WHERE l.attempt_id = a.id AND l.route_id = r.route_id) AS entries
       FROM attempt a JOIN run r ON r.id = a.run_id JOIN provider p ON p.id = a.provider_id
      WHERE r.purpose = 'chat' ORDER BY a.id`,
  );

const keptText = async (app) => {
  const parts = await rows(
    app.dataDir,
    "SELECT p.text FROM part p JOIN message m ON m.id = p.message_id WHERE m.role = 'assistant' AND p.kind = 'text' ORDER BY p.ordinal",
  );
  return parts.map(({ text }) => text).join("");
};

windowTest(
  "a route is ordered by keyboard and tried dry; its first provider dies in mid-answer, the text stays, and the next goes on with it",
  async ({ app, mock }) => {
    const door = await startDoor(mock.url);
    const spare = new LLMock({ port: 0, host: "127.0.0.1" });
    await spare.start();
    try {
      mock.on(
        { userMessage: "Count", model: MODEL },
        { content: numberedWords(2_000) },
        { chunkSize: 9, streamingProfile: { ttft: 20, tps: 30 } },
      );
      spare.on({ userMessage: "Count", model: MODEL }, { content: "From the spare." });
      await app.open();
      await connectMock(app, door);
      await app.click("skip-onboarding");
      await app.click("nav-providers");
      await addSpare(app, spare);

      await app.click("nav-routes");
      await app.screenshot("routes-none");
      await app.click("new-route");
      // It begins with a model that is at hand.
      await until("the new route to be kept", async () => (await stored(app)).length === 1);
      await app.find("targets");
      await app.driver.actions().sendKeys(Key.ESCAPE).perform();
      await addTarget(app, SPARE);
      await until("both targets to be kept", async () => (await stored(app)).length === 2);
      assert.deepEqual(await stored(app), [FIRST, SPARE]);
      await chosen(app, FIRST);
      await moveUp(app);
      await until("the new order to be kept", async () => (await stored(app))[0] === SPARE);
      await chosen(app, SPARE);
      await moveUp(app);
      await until("the order to be as before", async () => (await stored(app))[0] === FIRST);
      await chosen(app, FIRST);
      await app.screenshot("routes-ordered");

      await app.click("nav-chat");
      await app.click("model-chip");
      await app.find("model-picker");
      const [{ id }] = await rows(app.dataDir, "SELECT id FROM route WHERE slug <> 'in-my-order'");
      await until("the route in the picker", () =>
        app.run(
          `const option = document.querySelector('[data-testid="route-option"][data-route="' + arguments[0] + '"]');
           option?.click();
           return option !== null`,
          String(id),
        ),
      );
      await gone(app, "model-picker");
      await app.send("Count for me");
      await app.lastText("message-assistant", "some words", (text) => text.includes("word0030"));
      await door.slam();
      await settled(app);
      const before = await keptText(app);
      assert.ok(before.includes("word0030"), before);
      await app.lastText("message-assistant", "the text that came", (text) => text.includes("word0030"));
      await app.screenshot("routes-cut");
      assert.deepEqual(
        (await attempts(app)).map(({ name, outcome, entries }) => [name, outcome, entries]),
        [[FIRST, "interrupted", 1]],
      );

      // A model that goes on often says the last words again.
      const again = before.trimEnd().split(" ").slice(-6).join(" ");
      spare.on({ userMessage: "cut off", model: MODEL }, { content: `${again} and here it ends.` });
      await app.click("continue");
      await app.lastText("message-assistant", "the end", (text) => flat(text).includes("and here it ends."));
      await settled(app);
      assert.equal(
        flat(await keptText(app)),
        `${flat(before)} and here it ends.`,
        "nothing is lost and nothing doubled",
      );
      const all = await attempts(app);
      assert.deepEqual([all.at(-1).name, all.at(-1).outcome, all.at(-1).reason], [SPARE, "complete", "next_target"]);
      assert.ok(
        all.slice(1, -1).every(({ name, category }) => name === FIRST && category === "network"),
        JSON.stringify(all),
      );
      assert.ok(
        all.every(({ entries, routed }) => entries === 1 && routed === 1),
        JSON.stringify(all),
      );
      await app.lastText("joint", "the seam", (text) => text.includes(SPARE));
      await app.lastText("attempts-badge", "the badge", (text) => /after 1 fallback/i.test(text));
      await app.screenshot("routes-continued");
      await app.click("attempts-badge");
      await until("every attempt to be listed", async () => {
        const listed = await app.texts("attempt");
        return listed.length === all.length && listed[0].includes(FIRST) && listed.at(-1).includes(SPARE);
      });
      await app.screenshot("routes-attempts");
      await app.driver.actions().sendKeys(Key.ESCAPE).perform();

      await app.click("nav-routes");
      await app.lastText("switches", "the switch that there was", (text) => text.includes(SPARE));
      await app.screenshot("routes-switched");
      await clickNamed(app, "Cheapest", '[data-region="main"]');
      await until("the strategy to be kept", async () => {
        const [row] = await rows(app.dataDir, "SELECT strategy FROM route WHERE slug <> 'in-my-order'");
        return row.strategy === "lowest_cost";
      });
      await app.quit();
      assert.equal(await integrity(app.dataDir), "ok");
    } finally {
      await spare.stop();
      await door.slam();
    }
  },
);
