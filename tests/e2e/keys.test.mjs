import assert from "node:assert/strict";
import { By, Key } from "selenium-webdriver";
import { until } from "./harness/app.mjs";
import { MODEL, flat, windowTest } from "./harness/scene.mjs";
import { integrity, rows } from "./harness/store.mjs";
import { searchFiles } from "./harness/traces.mjs";
import { assertNotOnDisk, assertUnseen, canary, recordAnswers } from "./harness/unseen.mjs";
import { startGate } from "./harness/gate.mjs";
import { chooseModel, connectMock } from "./harness/ways.mjs";

/** Pastes a key on the first screen and says whose it is. */
async function pasteKey(app, server, key) {
  const field = await app.find("paste-keys");
  await field.sendKeys(key, Key.ENTER);
  const other = await app.find("choose-other");
  await other.findElement(By.css('option[value="openai-compatible"]')).click();
  const address = await until("the field for the address", () =>
    app.driver.findElement(By.css('[data-testid="connect-row"] input[type="url"]')),
  );
  await address.sendKeys(`${server.url}/v1`, Key.ENTER);
}

/** Waits for the check of the pasted key to succeed and goes on to a chat. */
async function startChatting(app) {
  await until("the check to succeed", async () => {
    const result = await app.find("provider-check-result");
    return (await result.getAttribute("data-ok")) === "true";
  });
  await app.click("start-chatting");
  await chooseModel(app, MODEL);
}

/** A window test behind a gate that only this test's key opens. */
function keyTest(name, body, options) {
  windowTest(
    name,
    async ({ app, mock, home }) => {
      const key = canary();
      mock.on({ userMessage: "Which", model: MODEL }, { content: "The **third** one." });
      const gate = await startGate(mock.url, key);
      try {
        await body({ app, home, gate, key });
      } finally {
        await gate.stop();
      }
    },
    options,
  );
}

keyTest(
  "first run, a pasted key into a real keyring, a chat, a restart, and the key works and was seen nowhere",
  async ({ app, home, gate, key }) => {
    await app.open();
    await recordAnswers(app);
    await pasteKey(app, gate, key);
    await startChatting(app);
    await app.send("Which one?");
    await app.lastText("message-assistant", "the answer", (text) => flat(text).includes("The third one."));
    await app.runAsync("for (const name of ['bootstrap', 'list_providers', 'secret_stores']) await window.__TAURI_INTERNALS__.invoke(name)");
    await assertUnseen(app, key);
    const stored = await rows(app.dataDir, "SELECT secret_store, secret_hint FROM account");
    assert.deepEqual(stored, [{ secret_store: "keyring", secret_hint: key.slice(-4) }]);
    await app.screenshot("keyring-chat");
    await app.quit();
    assertNotOnDisk(home, key);

    const before = gate.seen.passed;
    await app.open();
    await recordAnswers(app);
    await app.click("chat-item");
    await app.send("Which one again?");
    await until("a second answer", async () => (await app.texts("message-assistant")).length === 2);
    await app.lastText("message-assistant", "the second answer", (text) => flat(text).includes("The third one."));
    await app.click("nav-providers");
    await app.find("provider-item");
    await app.screenshot("keyring-provider");
    await assertUnseen(app, key);
    await app.quit();
    assert.equal(await integrity(app.dataDir), "ok");
    assertNotOnDisk(home, key);
    assert.ok(before >= 2 && gate.seen.passed > before, "the key opened the gate before and after the restart");
    assert.equal(gate.seen.refused, 0);
  },
  { keyring: "a passphrase of this test", env: { PARLANCE_LOG: "trace" } },
);

keyTest("without a keyring a person is asked, and a vault keeps the key over a restart", async ({ app, home, gate, key }) => {
  const passphrase = "three grey herons";
  await app.open();
  await recordAnswers(app);
  await pasteKey(app, gate, key);
  await app.find("where-dialog");
  const ways = await app.run("return [...document.querySelectorAll('[data-testid^=\"where-\"]')].map((way) => way.dataset.testid)");
  for (const way of ["where-session", "where-vault", "where-env"]) assert.ok(ways.includes(way), `${way} in ${ways}`);
  await app.screenshot("no-keyring");
  await app.click("where-vault");
  await app.click("where-use");
  await app.type("passphrase", passphrase);
  await app.type("passphrase-again", passphrase);
  await app.click("passphrase-submit");
  await startChatting(app);
  await app.send("Which one?");
  await app.lastText("message-assistant", "the answer", (text) => flat(text).includes("The third one."));
  await assertUnseen(app, key);
  await app.quit();
  assertNotOnDisk(home, key);

  await app.open();
  await recordAnswers(app);
  await app.click("nav-settings");
  await app.click("settings-page-keys");
  await app.click("vault-unlock-open");
  await app.type("passphrase", passphrase);
  await app.click("passphrase-submit");
  await app.find("vault-lock");
  await app.click("nav-chat");
  await app.click("chat-item");
  await app.send("Which one again?");
  await until("a second answer", async () => (await app.texts("message-assistant")).length === 2);
  await app.lastText("message-assistant", "the second answer", (text) => flat(text).includes("The third one."));
  await assertUnseen(app, key);
  await app.quit();
  assertNotOnDisk(home, key);
  assert.deepEqual(searchFiles(home, [passphrase]).hits, [], "nor is the passphrase anywhere");
  assert.equal(gate.seen.refused, 0);
});

windowTest(
  "a keyring whose prompt nobody answers holds up neither the page, nor other providers, nor the end of the app (KEY-1)",
  async ({ app, mock }) => {
    const key = canary();
    mock.on({ userMessage: "Which", model: MODEL }, { content: "The **third** one." });
    await app.open();
    await connectMock(app, mock);
    await pasteKey(app, mock, key);
    await until("the key to wait", async () => {
      for (const row of await app.all("connect-row")) if ((await row.getAttribute("data-phase")) === "saving") return true;
      return false;
    });
    await app.screenshot("keyring-waits");
    await app.click("start-chatting");
    await chooseModel(app, MODEL);
    await app.send("Which one?");
    await app.lastText("message-assistant", "the answer", (text) => flat(text).includes("The third one."));
    const waiting = await rows(app.dataDir, "SELECT secret_store FROM account");
    assert.ok(waiting.every(({ secret_store }) => secret_store === "none"), "nothing counts as saved");
    const begun = performance.now();
    await app.quit();
    console.log(`ended in ${Math.round(performance.now() - begun)} ms with the prompt open`);
    assert.equal(await integrity(app.dataDir), "ok");
  },
  { stuckKeyring: true },
);
