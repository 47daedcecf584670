import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { By } from "selenium-webdriver";
import { until } from "./harness/app.mjs";
import { browser } from "./harness/browser.mjs";
import { MODEL, binary, flat, windowTest } from "./harness/scene.mjs";
import { integrity, rows } from "./harness/store.mjs";
import { assertNotOnDisk, assertUnseen, canary, recordAnswers } from "./harness/unseen.mjs";
import { chooseModel, clickNamed, gone, settled } from "./harness/ways.mjs";

const keyring = "a passphrase of this test";
const desk = browser();

/** Leaves the first-run screen and opens the form for a vendor. */
async function formFor(app, vendor) {
  await app.click("skip-onboarding");
  await app.click("nav-providers");
  await app.click("add-provider");
  await app.find("provider-form");
  await app.driver.findElement(By.css(`[data-testid="provider-vendor"] option[value="${vendor}"]`)).click();
}

const checked = (app) =>
  until("the check to succeed", async () => {
    const result = await app.find("provider-check-result");
    return (await result.getAttribute("data-ok")) === "true";
  });

/** GitHub and Copilot on loopback, and the vendor file that leads there. */
async function startGitHub(vendor) {
  const program = spawn(join(dirname(binary), "copilot-stand-in"), ["--port", "0", "--vendor-file", vendor], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
  const { value: url } = await lines.next();
  const file = [];
  for (;;) {
    const { value } = await lines.next();
    file.push(value);
    if (value.startsWith("[models.can]")) break;
  }
  return {
    url,
    file: file.join("\n"),
    say: (what, code) => fetch(`${url}/_stand-in/${what}/${code}`),
    async stop() {
      program.stdin.end();
      await once(program, "exit");
    },
  };
}

/** What the tokens of the stand-in begin with: it numbers them. */
const TOKENS = ["ghu_c4n4ry0000", "tid=c4n4ry0000"];

windowTest(
  "signing in to Copilot: what it is comes first, a declined code and a new one, two chats by two wires, a restart, and no token is seen",
  async ({ app, home }) => {
    const vendor = "copilot-here";
    const github = await startGitHub(vendor);
    try {
      mkdirSync(join(app.dataDir, "vendors"), { recursive: true });
      writeFileSync(join(app.dataDir, "vendors", `${vendor}.toml`), github.file);
      await app.open();
      await recordAnswers(app);
      await formFor(app, vendor);
      assert.match(await (await app.find("form-notice")).getText(), /no public API/);
      await app.screenshot("copilot-form");
      await app.click("provider-save");
      await app.find("sign-in-dialog");
      assert.match(await (await app.find("sign-in-notice")).getText(), /no public API/);
      await app.screenshot("copilot-before");
      await app.click("sign-in-begin");
      const code = async () => flat(await (await app.find("user-code")).getText());
      const first = await code();
      assert.deepEqual(desk.opened(), [], "no page opens by itself");
      await app.screenshot("copilot-code");

      await github.say("deny", first);
      await until("the word that it was declined", async () => (await app.all("sign-in-again")).length > 0);
      await app.screenshot("copilot-denied");
      await app.click("sign-in-again");
      const second = await until("another code", async () => {
        const now = await code();
        return now !== first && now;
      });
      await app.click("open-page");
      await until("a way to the page", async () => desk.opened().length > 0 || (await app.all("link-open")).length > 0);
      if (desk.opened().length === 0) await app.click("link-open");
      await until("the browser to be asked", () => desk.opened().length > 0);
      await github.say("approve", second);
      await until("the end of the sign-in", async () => (await app.all("sign-in-close")).length > 0);
      await app.screenshot("copilot-signed-in");
      await app.click("sign-in-close");
      await gone(app, "sign-in-dialog");
      await checked(app);
      await until("the account to say whose it is", async () => (await app.all("account-identity")).length === 1);
      await app.screenshot("copilot-page");

      await app.click("nav-chat");
      await chooseModel(app, "gpt-4o");
      await app.send("How are you asked?");
      await app.lastText("message-assistant", "an answer by chat", (text) => text.includes("By chat."));
      await settled(app);
      await chooseModel(app, "gpt-5.3-codex");
      await app.send("And now?");
      await app.lastText("message-assistant", "an answer by responses", (text) => text.includes("By responses."));
      await settled(app);
      await app.runAsync("for (const name of ['bootstrap', 'list_providers', 'list_vendors', 'relays']) await window.__TAURI_INTERNALS__.invoke(name)");
      await assertUnseen(app, ...TOKENS);
      await app.quit();
      for (const token of TOKENS) assertNotOnDisk(home, token);

      await app.open();
      await app.click("chat-item");
      await app.send("Still signed in?");
      await until("a third answer", async () => (await app.texts("message-assistant")).length === 3);
      await app.lastText("message-assistant", "the third answer", (text) => text.includes("By responses."));
      await app.quit();
      const [{ secret_store, identity }] = await rows(app.dataDir, "SELECT secret_store, identity FROM account WHERE secret_store <> 'none'");
      assert.equal(secret_store, "keyring");
      assert.equal(JSON.parse(identity).kind, "github");
      assert.equal(await integrity(app.dataDir), "ok");
    } finally {
      await github.stop();
    }
  },
  { keyring, env: desk.env },
);

windowTest("a person carries a prompt to a web chat: it waits through a restart, and the pasted reply becomes the message", async ({ app }) => {
  await app.open();
  await formFor(app, "human-relay");
  await app.screenshot("relay-form");
  await app.click("provider-save");
  await gone(app, "provider-form");
  await app.screenshot("relay-page");
  await app.click("nav-chat");
  await chooseModel(app, "human-relay");
  await app.send("What is a monad, in one sentence?");
  await app.find("relay");
  assert.match(await (await app.find("relay-prompt")).getText(), /What is a monad/);
  await app.screenshot("relay-waits");
  await app.type("relay-answer", "What is a monad, in one sentence?");
  await app.click("relay-submit");
  await until("a word on the pasted prompt", async () => flat(await (await app.find("relay-trouble")).getText()).length > 0);
  await app.quit();

  await app.open();
  await app.click("chat-item");
  await app.find("relay");
  await app.screenshot("relay-after-restart");
  await app.type("relay-answer", "A monoid in the category of endofunctors.");
  await app.click("relay-submit");
  await app.lastText("message-assistant", "the pasted reply", (text) => text.includes("category of endofunctors"));
  await gone(app, "relay");
  await settled(app);
  await app.screenshot("relay-answered");

  await app.send("And a functor?");
  await app.find("relay");
  assert.doesNotMatch(await (await app.find("relay-prompt")).getText(), /monad/, "the web chat knows what came before");
  await app.click("relay-whole");
  assert.match(await (await app.find("relay-prompt")).getText(), /monad[\s\S]*endofunctors[\s\S]*functor/);
  await app.screenshot("relay-whole");
  await app.click("relay-stop");
  await gone(app, "relay");
  await settled(app);
  await app.quit();
  const entries = await rows(app.dataDir, "SELECT total_nano, source FROM ledger ORDER BY id");
  assert.ok(entries.length > 0 && entries.every(({ total_nano, source }) => total_nano === 0 && source === "free"), JSON.stringify(entries));
  const ends = await rows(app.dataDir, "SELECT outcome, error_category FROM attempt ORDER BY id");
  assert.ok(ends.some(({ outcome }) => outcome === "complete"), JSON.stringify(ends));
  assert.ok(ends.every(({ outcome }) => outcome !== "failed"), JSON.stringify(ends));
  assert.equal(await integrity(app.dataDir), "ok");
});

windowTest(
  "Azure is set up from what the portal gives: the address, the version and the deployment are taken out of one pasted line",
  async ({ app, mock, home }) => {
    const key = canary();
    mock.on({ userMessage: "Which", model: MODEL }, { content: "The **third** one." });
    await app.open();
    await recordAnswers(app);
    await formFor(app, "azure");
    await app.screenshot("azure-form");
    const portal = `${mock.url}/openai/deployments/${MODEL}/chat/completions?api-version=2024-10-21`;
    await app.type("provider-url", portal);
    await app.type("provider-key", key);
    await app.screenshot("azure-filled");
    await app.click("provider-save");
    await until("the provider to be kept", async () => (await rows(app.dataDir, "SELECT id FROM provider")).length === 1);
    await gone(app, "provider-form");
    const [{ base_url, config }] = await rows(app.dataDir, "SELECT base_url, config FROM provider");
    assert.ok(!base_url.includes("?") && base_url.startsWith(mock.url), base_url);
    assert.equal(JSON.parse(config).fields.api_version, "2024-10-21");
    await app.screenshot("azure-page");
    await app.click("nav-chat");
    await chooseModel(app, MODEL);
    await app.send("Which one?");
    await app.lastText("message-assistant", "the answer", (text) => flat(text).includes("The third one."));
    await settled(app);
    const asked = mock.getRequests().filter(({ path }) => path.includes("chat/completions"));
    assert.ok(asked.length > 0);
    for (const { path, headers } of asked) {
      assert.match(path, new RegExp(`/openai/deployments/${MODEL}/chat/completions`));
      if (headers) assert.equal(headers["api-key"] !== undefined && headers.authorization === undefined, true);
    }
    await assertUnseen(app, key);
    await app.quit();
    assertNotOnDisk(home, key);
    assert.equal(await integrity(app.dataDir), "ok");
  },
  { keyring },
);
