import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before } from "node:test";
import { By, Key } from "selenium-webdriver";
import { until } from "./harness/app.mjs";
import { binary, windowTest } from "./harness/scene.mjs";
import { integrity, rows } from "./harness/store.mjs";
import { chord, gone, settled } from "./harness/ways.mjs";
import { addPricedServer, fillYear, openCostsTimed } from "./harness/year.mjs";

const REQUESTS = 100_000;
const PROVIDER = "OpenRouter";
const SERVER = "House server";
const PRICED = "gpt-4.1-mini";
/** What that model costs for a million tokens of output, in USD. */
const OUTPUT_USD = 1.6;
const env = { SAMPLE_KEY: "a-key-of-this-test" };

let folder;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "parlance-year-"));
  execFileSync(join(dirname(binary), "sample"), [join(folder, "year")]);
  cpSync(join(folder, "year"), join(folder, "full"), { recursive: true });
  fillYear(join(folder, "full"), REQUESTS);
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** A year of a person's use; `full` has many more requests. */
const lived = (app, store) => cpSync(join(folder, store), app.dataDir, { recursive: true });

/** Nano-USD and requests of the running month in the store, adjustments included. */
async function month(app, where = "1") {
  const [sum] = await rows(
    app.dataDir,
    `SELECT coalesce(sum(total_nano), 0) AS nano, count(*) FILTER (WHERE kind = 'entry') AS requests FROM ledger
      WHERE booked_day LIKE strftime('%Y-%m', 'now', 'localtime') || '-%' AND ${where}`,
  );
  return sum;
}

const OF_PROVIDER = `provider_id = (SELECT id FROM provider WHERE name = '${PROVIDER}')`;

/** A sum as the screen writes it, in dollars. */
const dollars = (text) => Number(/\$([\d,]+\.?\d*)/.exec(text)[1].replaceAll(",", ""));

/** Waits until the first sum of the screen is that of the store, to the cent. */
const total = (app, nano) =>
  app.lastText("cost-total", `$${(nano / 1e9).toFixed(2)}`, (text) => Math.abs(dollars(text) - nano / 1e9) <= 0.0051);

/** The records of a CSV file after RFC 4180, each by the names of the first. */
function records(text) {
  const found = [[""]];
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    const record = found.at(-1);
    if (quoted && character === '"' && text[at + 1] === '"') record[record.length - 1] += text[(at += 1)];
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === ",") record.push("");
    else if (!quoted && character === "\n") found.push([""]);
    else if (quoted || character !== "\r") record[record.length - 1] += character;
  }
  if (found.at(-1).length === 1) found.pop();
  const [names, ...lines] = found;
  return lines.map((line) => Object.fromEntries(names.map((name, at) => [name, line[at]])));
}

/** A decimal in USD as nano-USD, without a float in between. */
function nanoOf(usd) {
  if (usd === "") return 0n;
  const [whole, part = ""] = usd.split(".");
  return BigInt(whole) * 1_000_000_000n + BigInt(part.padEnd(9, "0"));
}

/** Presses the name of a provider in the table. */
const pressProvider = (app, name) =>
  until(`${name} in the table`, () =>
    app.run(
      `const button = [...document.querySelectorAll('[data-testid="cost-line"] button.name')].find((one) => one.innerText === arguments[0]);
       button?.click();
       return button !== undefined`,
      name,
    ),
  );

windowTest(
  "a year of requests: the month, one provider by a click, a request's chat and back, the days as a table, a file that adds up",
  async ({ app }) => {
    lived(app, "full");
    await app.open();
    await app.find("composer");
    const { first, whole } = await openCostsTimed(app);
    console.log(
      `${REQUESTS} requests: the first sum after ${first.toFixed(0)} ms, all painted after ${whole.toFixed(0)} ms`,
    );
    const all = await month(app);
    await total(app, all.nano);
    await app.lastText(
      "log-total",
      "the requests of the month",
      (text) => Number(text.replaceAll(/\D/g, "")) === all.requests,
    );
    assert.match((await app.texts("cost-range"))[0], new RegExp(String(new Date().getFullYear())));
    await app.screenshot("costs-month");

    const lines = (await app.all("cost-line")).length;
    assert.ok(lines > 3, "every provider has a line");
    await pressProvider(app, PROVIDER);
    await app.lastText("cost-chip", "the chip of the filter", (text) => text.includes(PROVIDER));
    const own = await month(app, OF_PROVIDER);
    await total(app, own.nano);
    await until("one line in the table", async () => (await app.all("cost-line")).length === 1);
    assert.match((await app.texts("cost-line"))[0], new RegExp(PROVIDER));
    await app.lastText("log-total", "its requests", (text) => Number(text.replaceAll(/\D/g, "")) === own.requests);
    await app.screenshot("costs-filtered");

    // Among those of today is the answer of the chat at hand.
    await app.click("hero-today");
    const [request] = await rows(
      app.dataDir,
      `SELECT l.id, r.message_id AS message FROM ledger l JOIN attempt a ON a.id = l.attempt_id JOIN run r ON r.id = a.run_id
        WHERE l.${OF_PROVIDER} AND r.message_id IS NOT NULL ORDER BY l.booked_day DESC, l.id DESC LIMIT 1`,
    );
    const [today] = await rows(
      app.dataDir,
      `SELECT sum(total_nano) AS nano FROM ledger WHERE ${OF_PROVIDER} AND booked_day = strftime('%Y-%m-%d', 'now', 'localtime')`,
    );
    await total(app, today.nano);
    await until("the request in the log", () =>
      app.run(
        `const row = document.querySelector('[data-request="' + arguments[0] + '"]');
         if (row) row.click();
         else document.querySelector('[data-testid="log-rows"]').scrollTop += 200;
         return row !== null`,
        String(request.id),
      ),
    );
    await app.find("request-details");
    await app.screenshot("costs-request");
    await app.click("open-request");
    await until("the message of the request on the screen", () =>
      app.run(
        `const message = document.querySelector('[data-message="' + arguments[0] + '"]');
         const box = message?.getBoundingClientRect();
         return Boolean(box) && box.bottom > 0 && box.top < innerHeight;`,
        String(request.message),
      ),
    );
    await app.screenshot("costs-drilled");
    await app.click("nav-costs");
    await app.lastText("cost-chip", "the filter to be kept", (text) => text.includes(PROVIDER));
    await total(app, today.nano);
    await app.click("cost-range");
    await app.click("range-thisMonth");
    await total(app, own.nano);

    await app.click("look-table");
    const table = await app.find("series-table");
    const days = await rows(
      app.dataDir,
      `SELECT DISTINCT booked_day FROM ledger WHERE kind = 'entry' AND ${OF_PROVIDER}
          AND booked_day LIKE strftime('%Y-%m', 'now', 'localtime') || '-%'`,
    );
    assert.equal((await table.findElements(By.css("tbody tr"))).length, days.length, "a row a day that has any");
    const foot = await (await table.findElement(By.css("tfoot"))).getText();
    assert.ok(Math.abs(dollars(foot) - own.nano / 1e9) <= 0.0051, foot);
    await app.screenshot("costs-days-as-table");

    await app.click("export-costs");
    await app.click("export-csv");
    const note = await app.lastText("costs-written", "the file", (text) => /\.csv\b/.test(text));
    const file = /\S+\.csv/.exec(note)[0];
    const written = records(readFileSync(file, "utf8"));
    assert.equal(written.length, own.requests);
    assert.ok(written.every(({ provider }) => provider === PROVIDER));
    const sum = written.reduce((so, { costUsd }) => so + nanoOf(costUsd), 0n);
    assert.equal(sum, BigInt(own.nano), "the file adds up to the store's sum, which is the screen's");
    await app.screenshot("costs-exported");

    await app.click("clear-filters");
    await total(app, all.nano);
    assert.equal((await app.all("cost-line")).length, lines);
    await app.quit();
    assert.equal(await integrity(app.dataDir), "ok");
  },
  { env },
);

/** In the open dialog of a budget: what happens at the limit. */
async function atLimit(app, at) {
  await app.click(`budget-at-${at}`);
  await app.click("budget-save");
  await gone(app, "budget-dialog");
}

/** In the chat: takes the model at the priced server. */
async function choosePriced(app, provider) {
  await app.click("model-chip");
  await app.find("model-picker");
  await until("the model at the server in the picker", () =>
    app.run(
      `const option = document.querySelector('[data-testid="model-option"][data-model="' + arguments[0] + '"][data-provider="' + arguments[1] + '"]');
       option?.click();
       return option !== null`,
      PRICED,
      provider,
    ),
  );
  await gone(app, "model-picker");
}

const composed = async (app) => (await app.find("composer")).getAttribute("value");

windowTest(
  "a budget warns, then stops a message whose text stays; set to ask it lets that message through, once",
  async ({ app, mock }) => {
    lived(app, "year");
    const provider = addPricedServer(app.dataDir, mock.url, SERVER, PRICED);
    const usage = (usd) => ({ prompt_tokens: 10, completion_tokens: Math.round((usd / OUTPUT_USD) * 1e6) });
    mock.on({ userMessage: "First", model: PRICED }, { content: "That was dear.", usage: usage(0.85) });
    mock.on({ userMessage: "Second", model: PRICED }, { content: "That was too much.", usage: usage(0.4) });
    mock.on({ userMessage: "Third", model: PRICED }, { content: "Let through." });
    await app.open();
    await app.click("nav-costs");
    await app.click("open-budgets");
    await app.click("add-budget");
    await app.find("budget-dialog");
    await app.click("budget-scope-provider");
    const which = await app.find("budget-which");
    await which.findElement(By.xpath(`.//option[normalize-space(.)="${SERVER}"]`)).click();
    await app.click("budget-period-month");
    await app.type("budget-limit", "1");
    await app.type("budget-warn", "50, 80");
    await atLimit(app, "stop");
    await app.lastText("budget", "the budget in the list", (text) => text.includes(SERVER));
    await app.screenshot("budgets-made");

    await app.click("nav-chat");
    await app.click("new-chat");
    await choosePriced(app, provider);
    await app.send("First of three");
    await app.lastText("message-assistant", "the first answer", (text) => text.includes("That was dear."));
    await settled(app);
    await app.lastText("toast", "the warning of the budget", (text) => text.includes(SERVER) && text.includes("80"));
    await app.screenshot("budgets-warned");
    // A chat of its own each: what was said before would be paid for once more.
    await app.click("new-chat");
    await app.send("Second of three");
    await app.lastText("message-assistant", "the second answer", (text) => text.includes("too much"));
    await settled(app);

    const asked = mock.getRequests().length;
    const third = "Third of three, and its words must not be lost";
    await app.click("new-chat");
    await app.type("composer", third);
    await app.lastText("cost-note", "the budget that stops it", (text) => text.includes(SERVER));
    await until("the way out to be shut", async () => !(await (await app.find("send")).isEnabled()));
    await chord(app, [Key.CONTROL], Key.ENTER);
    assert.equal(await composed(app), third, "the text stays");
    assert.equal(mock.getRequests().length, asked, "nothing has left");
    const kept = await rows(app.dataDir, "SELECT count(*) AS n FROM turn_part WHERE text LIKE 'Third of three%'");
    assert.equal(kept[0].n, 0);
    await app.screenshot("budgets-stopped");

    await app.click("cost-note-budget");
    await app.find("budget-dialog");
    await atLimit(app, "ask");
    if ((await app.all("composer")).length === 0) await app.click("nav-chat");
    await until("the text to be there still", async () => (await composed(app)) === third);
    await app.click("send");
    await app.lastText("over-budget", "the question", (text) => text.includes(SERVER));
    assert.equal(await composed(app), third, "the text stays");
    assert.equal(mock.getRequests().length, asked, "nothing has left");
    await app.screenshot("budgets-asked");
    await app.click("send-anyway");
    await app.lastText("message-assistant", "the third answer", (text) => text.includes("Let through."));
    await settled(app);
    assert.equal(mock.getRequests().length, asked + 1);
    await app.screenshot("budgets-let-through");

    await app.click("nav-costs");
    await app.click("open-budgets");
    await app.lastText("budget-meter", "the budget above its limit", (text) => text.includes("1.25"));
    const [{ nano }] = await rows(
      app.dataDir,
      `SELECT sum(total_nano) AS nano FROM ledger WHERE provider_id = ${provider}`,
    );
    assert.ok(nano >= 1_250_000_000 && nano < 1_260_000_000, String(nano));
    await app.screenshot("budgets-passed");
    await app.quit();
  },
  { env },
);
