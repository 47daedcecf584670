import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Key } from "selenium-webdriver";
import { until } from "./harness/app.mjs";
import { startGate } from "./harness/gate.mjs";
import { MODEL, flat, windowTest } from "./harness/scene.mjs";
import { integrity, rows } from "./harness/store.mjs";
import { addMock, addWithKey, chooseModel, clickNamed, gone, press, settled } from "./harness/ways.mjs";

const keyring = "a passphrase of this test";
const key = () => randomBytes(30).toString("base64url").replaceAll(/[-_]/g, "x");

/** Sets a number of the open provider's page and waits until it is kept. */
async function setLimit(app, field, value, column) {
  await app.type(field, value);
  await (await app.find(field)).sendKeys(Key.ENTER);
  await until(`${field} to be kept`, async () => {
    const [{ config }] = await rows(app.dataDir, "SELECT config FROM provider");
    return JSON.parse(config).limits?.[column] === Number(value);
  });
}

/** The bodies of the chat completions that reached the server. */
const asked = (mock) => mock.getRequests().filter(({ path }) => path.includes("chat/completions"));

windowTest(
  "of two keys one is rejected: the other answers, both attempts are seen, and the next message goes straight to it",
  async ({ app, mock }) => {
    const [bad, good] = [key(), key()];
    mock.on({ userMessage: "Which", model: MODEL }, { content: "The **third** one." });
    const gate = await startGate(mock.url, good);
    try {
      await app.open();
      await addWithKey(app, gate, bad);
      await until("the first key to be rejected", async () => {
        const result = await app.find("provider-check-result");
        return (await result.getAttribute("data-ok")) === "false";
      });
      await app.click("add-key");
      await app.type("provider-key", good);
      await app.click("key-save");
      await until("the second key to be kept", async () => {
        const kept = await rows(app.dataDir, "SELECT secret_store FROM account WHERE secret_store = 'keyring'");
        return kept.length === 2;
      });
      await app.click("provider-check");
      await app.lastText("provider-check-result", "what each key came to", (text) => /1 of 2|One of|works/i.test(text));
      await app.screenshot("two-keys");

      await app.click("nav-chat");
      await chooseModel(app, MODEL);
      await app.send("Which one?");
      await app.lastText("message-assistant", "the answer", (text) => flat(text).includes("The third one."));
      await settled(app);
      const attempts = await rows(
        app.dataDir,
        "SELECT a.ordinal, a.outcome, a.error_category, a.account_id, (SELECT count(*) FROM ledger l WHERE l.attempt_id = a.id) AS entries FROM attempt a ORDER BY a.id",
      );
      assert.deepEqual(
        attempts.map(({ ordinal, outcome, error_category, entries }) => [ordinal, outcome, error_category, entries]),
        [
          [0, "failed", "rejected_key", 1],
          [1, "complete", null, 1],
        ],
      );
      await app.screenshot("two-keys-answer");

      const refused = gate.seen.refused;
      await app.send("Which one again?");
      await until("a second answer", async () => (await app.texts("message-assistant")).length === 2);
      await app.lastText("message-assistant", "the second answer", (text) => flat(text).includes("The third one."));
      await settled(app);
      assert.equal(gate.seen.refused, refused, "the rejected key is left out");
      await app.click("nav-providers");
      await until("the page to say which key is rejected", async () =>
        (await app.texts("account")).some((text) => /rejected/i.test(text)),
      );
      await app.screenshot("two-keys-skipped");
      await app.quit();
      assert.equal(await integrity(app.dataDir), "ok");
    } finally {
      await gate.stop();
    }
  },
  { keyring },
);

const OLDER = (url, secret) => ({
  "older.json": JSON.stringify({
    providers: [
      {
        type: "openai",
        enabled: true,
        priority: 2,
        base_url: `${url}/v1`,
        api_key: secret,
        model_mapping: { fast: MODEL },
        accounts: [{ id: "second", token: `${secret}b`, proxy: null }],
        rate_limits: { requests_per_minute: 600 },
      },
    ],
    token_refresh_interval: 3600,
    request_timeout: 45,
    record_traffic: false,
  }),
  "older.toml": `[[llm.providers]]
name = "writing desk"
provider = "openai"
api_key = "${secret}c"
base_url = "${url}/v1"
text_model = "${MODEL}"
embedding_model = "text-embedding-3-small"
max_tokens = 400
temperature = 0.3
priority = 1

[llm.fallback]
enabled = true
max_retries = 2
retry_delay_ms = 500
strategy = "priority"
`,
});

windowTest(
  "both older forms of a configuration come in, each part landed or named, and a chat goes out with them",
  async ({ app, mock, home }) => {
    const secret = key();
    mock.on({ userMessage: "Which", model: MODEL }, { content: "The **third** one." });
    await app.open();
    await app.click("skip-onboarding");
    await app.click("nav-providers");
    for (const [name, text] of Object.entries(OLDER(mock.url, secret))) {
      writeFileSync(join(home, name), text);
      await clickNamed(app, "More for providers");
      await clickNamed(app, "Import providers");
      await (
        await until("the field for a file", async () => (await app.all("import-file"))[0])
      ).sendKeys(join(home, name));
      await app.find("import-take");
      await app.screenshot(`import-${name}`);
      const notes = (await app.texts("import-note")).join("\n");
      assert.match(
        notes,
        name.endsWith("json") ? /token_refresh_interval/ : /llm\.fallback/,
        "what has no place is named",
      );
      await app.click("import-take");
      await app.click("import-show");
      await gone(app, "import-dialog");
    }
    const kept = await rows(app.dataDir, "SELECT name, base_url, config FROM provider ORDER BY id");
    assert.equal(kept.length, 2);
    const [json, toml] = kept.map(({ config }) => JSON.parse(config));
    assert.deepEqual(json.modelMapping, [{ asked: "fast", sent: MODEL }]);
    assert.equal(json.limits.requestsPerMinute, 600);
    assert.equal(toml.embeddingModel, "text-embedding-3-small");
    assert.equal(toml.parameters.maxTokens, 400);
    const accounts = await rows(app.dataDir, "SELECT secret_store FROM account ORDER BY id");
    assert.ok(
      accounts.every(({ secret_store }) => secret_store === "keyring"),
      JSON.stringify(accounts),
    );
    // Nobody has asked for the server's list: the picker knows the model from the file.
    await app.click("nav-chat");
    await app.click("model-chip");
    await app.find("model-picker");
    await press(app, MODEL);
    await until("the model of the file", async () => {
      const [option] = await app.all("model-option");
      return (await option.getAttribute("data-model")) === MODEL;
    });
    await press(app, Key.ENTER);
    await gone(app, "model-picker");
    await app.send("Which one?");
    await app.lastText("message-assistant", "the answer", (answer) => flat(answer).includes("The third one."));
    await app.quit();
  },
  { keyring },
);

windowTest(
  "one request at a time: the second waits where it can be seen, is stopped there, and costs nothing",
  async ({ app, mock }) => {
    const slow = { chunkSize: 6, streamingProfile: { ttft: 20, tps: 12 } };
    mock.on(
      { userMessage: "Count", model: MODEL },
      { content: "one two three four five six seven eight nine ten ".repeat(40) },
      slow,
    );
    mock.on({ userMessage: "Which", model: MODEL }, { content: "The **third** one." });
    await app.open();
    await addMock(app, mock);
    await app.click("nav-providers");
    await setLimit(app, "limit-concurrent", "1", "concurrent");
    await app.screenshot("limits");

    await app.click("nav-chat");
    await app.send("Count for me");
    await app.lastText("message-assistant", "the first words", (text) => text.includes("one"));
    await clickNamed(app, "New chat");
    await until("an empty chat", async () => (await app.all("message-user")).length === 0);
    await app.send("Which one?");
    await app.lastText("waiting", "the line before the provider", (text) => flat(text).length > 10);
    await app.screenshot("queue");
    assert.equal(asked(mock).length, 1, "the second request has not left");
    await app.click("stop");
    await settled(app);
    const runs = await rows(
      app.dataDir,
      "SELECT r.outcome, (SELECT count(*) FROM attempt a WHERE a.run_id = r.id) AS attempts FROM run r ORDER BY r.id",
    );
    assert.deepEqual(runs.at(-1), { outcome: "cancelled", attempts: 0 });
    assert.equal(asked(mock).length, 1, "nor did it ever");

    await app.send("Which one now?");
    await app.find("waiting");
    await app.lastText(
      "message-assistant",
      "the answer after its turn",
      (text) => flat(text).includes("The third one."),
      60_000,
    );
    await app.quit();
    assert.equal(await integrity(app.dataDir), "ok");
  },
);
