import assert from "node:assert/strict";
import { Key } from "selenium-webdriver";
import { until } from "./harness/app.mjs";
import { addLanes, arrowTo, inState, lanes, openCompare, pressAt, tabTo, tabToOne } from "./harness/lanes.mjs";
import { flat, numberedWords, windowTest } from "./harness/scene.mjs";
import { integrity, rows } from "./harness/store.mjs";
import { chord, connectMock, gone, press } from "./harness/ways.mjs";

const MODELS = ["alpha", "bravo", "charlie", "delta"];
const SET = "House four";
const QUESTION = "Count for me";

/** Each model counts in its own words; the third does not at first. */
function answers(mock) {
  const fails = { error: { message: "the house is full", type: "invalid_request_error" }, status: 400 };
  mock.on({ userMessage: QUESTION, model: "charlie", sequenceIndex: 0 }, fails);
  for (const model of MODELS) {
    const content = numberedWords(120, model);
    mock.on({ userMessage: QUESTION, model }, { content }, { chunkSize: 9, streamingProfile: { ttft: 20, tps: 40 } });
    mock.on({ userMessage: "And now", model }, { content: `${model} goes on.` });
  }
}

/** Sends a prompt: Tab to the field, the words, Enter. */
async function ask(app, text) {
  await tabTo(app, "compare-composer");
  await press(app, text, Key.ENTER);
}

/** The second column of the comparison, with the focus on it. */
async function toSecond(app) {
  await tabToOne(app, '[data-testid="lane"]');
  await arrowTo(app, Key.HOME, ':nth-child(1 of [data-testid="lane"])');
  await arrowTo(app, Key.ARROW_RIGHT, ':nth-child(2 of [data-testid="lane"])');
}

windowTest(
  "by keyboard: a set of four is built and sent to, four streams run at once, one fails and is tried again, a blind vote, the winner goes on as a chat; after a restart all of it is there",
  async ({ app, mock }) => {
    answers(mock);
    await app.open();
    await connectMock(app, mock);
    await app.click("skip-onboarding");
    // It suggests what is ready; the rest is added.
    await openCompare(app);
    await app.screenshot("compare-first");
    await addLanes(app, MODELS);
    assert.equal((await lanes(app)).length, 4);
    await pressAt(app, "set-menu");
    await pressAt(app, "set-save-as");
    await app.find("set-name");
    await chord(app, [Key.CONTROL], "a");
    await press(app, SET, Key.ENTER);
    await until("the set to be kept", async () => (await rows(app.dataDir, "SELECT name FROM compare_set"))[0]?.name === SET);

    // Names are hidden from here on.
    await tabToOne(app, 'main [role="switch"]');
    await press(app, Key.SPACE);
    await ask(app, QUESTION);
    await inState(app, "streaming", 3);
    await inState(app, "failed", 1);
    await app.screenshot("compare-streaming");
    const blind = await lanes(app);
    assert.deepEqual(blind.map(({ name }) => name), ["A", "B", "C", "D"].map((letter) => `Answer ${letter}`));
    // But for the answers themselves nothing on the screen may hold a name: no label, no tooltip, no failure.
    const shown = await app.run(
      `const main = document.querySelector('main').cloneNode(true);
       for (const body of main.querySelectorAll('[data-state="streaming"] [data-scroller]')) body.remove();
       return main.innerHTML`,
    );
    for (const model of MODELS) assert.ok(!shown.includes(model), `${model} is told before the vote`);
    const committed = await rows(app.dataDir, "SELECT count(*) AS n FROM message WHERE role = 'assistant' AND lane_id IN (SELECT id FROM lane WHERE kind = 'lane')");
    assert.equal(committed[0].n, 4);

    await pressAt(app, "lane-retry");
    await inState(app, "streaming", 4);
    await inState(app, "complete", 4, 60_000);
    for (const { text } of await lanes(app)) {
      const own = MODELS.filter((model) => text.includes(`${model}0001`));
      assert.equal(own.length, 1, "no column has another's words");
      assert.ok(flat(text).includes(numberedWords(120, own[0])), "every word is there");
    }

    await toSecond(app);
    const winner = await app.run("return /(alpha|bravo|charlie|delta)0001/.exec(document.activeElement.innerText)[1]");
    await press(app, "2");
    await app.lastText("verdict", "the vote", (text) => text.includes(winner) && text.includes("blind"));
    await app.screenshot("compare-voted");
    const judged = await rows(app.dataDir, "SELECT model, place FROM judged ORDER BY place IS NULL, model");
    assert.deepEqual([judged.length, judged[0].model, judged[0].place], [4, winner, 0]);

    const [compared] = await rows(app.dataDir, "SELECT id FROM conversation WHERE kind = 'compare'");
    await toSecond(app);
    await pressAt(app, "lane-continue");
    await app.find("message-assistant");
    await app.lastText("message-assistant", "the winner's answer", (text) => flat(text).includes(numberedWords(120, winner)));
    await until("the composer to have the focus", () => app.run("return document.activeElement?.dataset.testid === 'composer'"));
    await press(app, "And now", Key.ENTER);
    await app.lastText("message-assistant", "the chat to go on", (text) => text.includes(`${winner} goes on.`));
    await gone(app, "stop");

    await app.quit();
    assert.equal(await integrity(app.dataDir), "ok");
    await app.open();
    await until("both in the list", async () => (await app.all("chat-item")).length === 2);
    await chord(app, [Key.CONTROL], "2");
    await until("the lanes of the last time", async () => (await lanes(app)).length === 4);
    await app.lastText("set-menu", "the set of the last time", (text) => text.includes(SET));
    await chord(app, [Key.CONTROL], "1");
    await tabToOne(app, "[data-chat]");
    await arrowTo(app, Key.ARROW_DOWN, `[data-chat="${compared.id}"]`);
    await press(app, Key.ENTER);
    await app.lastText("prompt-text", "the prompt of the comparison", (text) => text.includes(QUESTION));
    await inState(app, "complete", 4);
    for (const { text } of await lanes(app)) {
      const [own] = MODELS.filter((model) => text.includes(`${model}0001`));
      assert.ok(flat(text).includes(numberedWords(120, own)), `${own} is there as it was`);
    }
    await app.lastText("verdict", "the vote as it was", (text) => text.includes(winner));
    const [sums] = await rows(
      app.dataDir,
      `SELECT (SELECT count(*) FROM ledger WHERE conversation_id = ${compared.id}) AS entries,
              (SELECT count(*) FROM attempt a JOIN run r ON r.id = a.run_id WHERE r.purpose = 'compare') AS attempts`,
    );
    assert.equal(sums.entries, sums.attempts, "every attempt is booked");
    await ask(app, "And now");
    await app.lastText("prompt-text", "the next prompt", (text) => text.includes("And now"));
    await inState(app, "complete", 4);
    for (const [at, { text }] of (await lanes(app)).entries()) assert.ok(/(alpha|bravo|charlie|delta) goes on\./.test(text), `column ${at}`);
    await app.screenshot("compare-continued");
  },
);
