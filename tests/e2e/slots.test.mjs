import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { By, Key } from "selenium-webdriver";
import { until } from "./harness/app.mjs";
import { startGate } from "./harness/gate.mjs";
import { MODEL, flat, windowTest } from "./harness/scene.mjs";
import { rows } from "./harness/store.mjs";
import { assertNotOnDisk, assertUnseen, canary, recordAnswers } from "./harness/unseen.mjs";
import { addWithKey, chooseModel, clickNamed, gone, settled } from "./harness/ways.mjs";

const kept = (app, sql, count) =>
  until(`${count} rows of: ${sql}`, async () => (await rows(app.dataDir, sql)).length === count);

/** Chooses an option of a select by its value. */
const choose = async (app, id, value) => (await app.find(id)).findElement(By.css(`option[value="${value}"]`)).click();

async function fillSlots(app, gate, secrets) {
  await addWithKey(app, gate, secrets.first);
  await app.click("add-key");
  await app.type("provider-key", secrets.second);
  await app.click("key-save");
  await kept(app, "SELECT id FROM account WHERE secret_store = 'keyring'", 2);

  await app.click("add-header");
  await app.type("header-name", "X-Team-Token");
  await app.type("header-value", secrets.header);
  await app.click("header-save");
  await kept(app, "SELECT slot FROM provider_secret WHERE slot = 'header:x-team-token'", 1);

  await choose(app, "proxy", "address");
  await app.type("proxy-url", "http://proxy.example:3128");
  await (await app.find("proxy-url")).sendKeys(Key.ENTER);
  await app.type("proxy-user", "house");
  await (await app.find("proxy-user")).sendKeys(Key.ENTER);
  await app.find("proxy-password");
  await clickNamed(app, "Give", '[data-testid="proxy-password"]');
  await app.type("provider-key", secrets.proxy);
  await app.click("key-save");
  await kept(app, "SELECT slot FROM provider_secret", 2);
}

async function bringIn(app, home, gate, secret) {
  const file = join(home, "brought.json");
  const provider = { type: "openai", base_url: `${gate.url}/v1`, api_key: secret };
  writeFileSync(file, JSON.stringify({ providers: [provider] }));
  await clickNamed(app, "More for providers");
  await clickNamed(app, "Import providers");
  await (await until("the field for a file", async () => (await app.all("import-file"))[0])).sendKeys(file);
  await app.click("import-take");
  await app.click("import-show");
  await gone(app, "import-dialog");
  // The file itself is the person's, and holds the key.
  writeFileSync(file, "");
}

windowTest(
  "with every place for a secret filled, recorded, exported and imported, none is seen anywhere (KEY-7)",
  async ({ app, mock, home }) => {
    const secrets = Object.fromEntries(
      ["first", "second", "header", "proxy", "brought"].map((slot) => [slot, canary()]),
    );
    const all = Object.values(secrets);
    mock.on({ userMessage: "Which", model: MODEL }, { content: "The **third** one." });
    const gate = await startGate(mock.url, secrets.second);
    try {
      await app.open();
      await recordAnswers(app);
      await app.runAsync(
        "await window.__TAURI_INTERNALS__.invoke('change_setting', { change: { recordTraffic: true } })",
      );
      await fillSlots(app, gate, secrets);
      await app.click("provider-check");
      await app.find("provider-check-result");
      await bringIn(app, home, gate, secrets.brought);
      await app.click("nav-chat");
      await chooseModel(app, MODEL);
      await app.send("Which one?");
      await app.lastText("message-assistant", "the answer", (text) => flat(text).includes("The third one."));
      await settled(app);
      await app.runAsync(
        "for (const name of ['bootstrap', 'list_providers', 'provider_facts', 'traffic', 'export_traffic']) await window.__TAURI_INTERNALS__.invoke(name)",
      );
      await app.runAsync("await window.__TAURI_INTERNALS__.invoke('export_config', { input: { passphrase: null } })");
      await app.click("nav-providers");
      await app.screenshot("slots");
      await assertUnseen(app, ...all);
      await app.quit();
      const recorded = readdirSync(join(app.dataDir, "traffic"), { recursive: true }).filter((name) =>
        name.endsWith(".json"),
      );
      assert.ok(recorded.length >= 3, `exchanges were recorded: ${recorded.join(", ")}`);
      assert.ok(
        readdirSync(join(app.dataDir, "exports")).length >= 2,
        "the configuration and the exchanges were exported",
      );
      for (const secret of all) assertNotOnDisk(home, secret);
    } finally {
      await gate.stop();
    }
  },
  { keyring: "a passphrase of this test", env: { PARLANCE_LOG: "trace" } },
);
