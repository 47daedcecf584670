import assert from "node:assert/strict";
import { until } from "./harness/app.mjs";
import { MODEL, flat, numberedWords, windowTest } from "./harness/scene.mjs";
import { integrity, replies, rows } from "./harness/store.mjs";
import { addMock, openDemo, settled } from "./harness/ways.mjs";

windowTest("first run, a provider by its address, a streamed chat, Stop, quit, and all is there again", async ({ app, mock }) => {
  const answer = "The **tide** turns twice a day.";
  const long = numberedWords(4000);
  mock.on({ userMessage: "How often", model: MODEL }, { content: answer });
  mock.on({ userMessage: "Count", model: MODEL }, { content: long }, { chunkSize: 9, streamingProfile: { ttft: 20, tps: 40 } });

  await app.open();
  await addMock(app, mock);
  await app.send("How often does the tide turn?");
  await app.lastText("message-assistant", "the whole answer", (text) => flat(text).includes("The tide turns twice a day."));
  await settled(app);

  await app.send("Count for me");
  await app.lastText("message-assistant", "the count to begin", (text) => text.includes("word0010"));
  await app.click("stop");
  await app.find("retry");
  await until("the stopped reply in the store", async () => (await replies(app.dataDir)).at(-1).status === "cancelled");
  const stopped = (await replies(app.dataDir)).at(-1);
  assert.ok(stopped.text.length < long.length, "Stop must end the reply before its end");
  assert.ok(long.startsWith(stopped.text), "what is kept is the beginning of what was sent");
  // The store is first; the page is told with its next frame.
  await app.lastText("message-assistant", "all that was kept", (text) => flat(text).includes(flat(stopped.text)));
  const chats = await app.texts("chat-item");
  await app.screenshot("chat-stopped");
  await app.quit();

  assert.equal(await integrity(app.dataDir), "ok");
  await app.open();
  assert.deepEqual(await app.texts("chat-item"), chats);
  await app.click("chat-item");
  await app.lastText("message-assistant", "the stopped text again", (text) => flat(text).includes(flat(stopped.text)));
  const questions = (await app.texts("message-user")).map(flat);
  assert.equal(questions.length, 2);
  assert.ok(questions[0].includes("How often does the tide turn?"));
  assert.ok(questions[1].includes("Count for me"));
  assert.ok(flat((await app.texts("message-assistant"))[0]).includes("The tide turns twice a day."));
  assert.deepEqual((await replies(app.dataDir)).map(({ status }) => status), ["complete", "cancelled"]);
  const entries = await rows(app.dataDir, "SELECT count(*) AS entries FROM ledger WHERE kind = 'entry'");
  assert.equal(entries[0].entries, 2, "a stopped attempt has its ledger entry too");
});

windowTest("the demo answers at once, with tables and code, in a folder of its own", async ({ app }) => {
  await app.open();
  await openDemo(app);
  await app.send("Show me what you can do");
  await app.lastText("message-assistant", "the demo to answer", (text) => text.length > 40);
  await settled(app);
  const seen = await app.run(
    "const last = [...document.querySelectorAll('[data-testid=\"message-assistant\"]')].at(-1);" +
      "return { tables: last.querySelectorAll('table').length, code: last.querySelectorAll('pre code').length }",
  );
  await app.screenshot("demo-chat");
  assert.ok(seen.tables > 0, "the demo's reply shows a table");
  assert.ok(seen.code > 0, "the demo's reply shows code");
  await app.click("leave-demo");
  await until("the real store without the demo's chats", async () => (await app.all("demo-banner")).length === 0);
  assert.equal((await rows(app.dataDir, "SELECT count(*) AS n FROM message"))[0].n, 0, "the demo writes nothing into the user's store");
});

windowTest("a reload in mid-stream comes back to the open chat, loses and doubles nothing", async ({ app, mock }) => {
  const long = numberedWords(500);
  mock.on({ userMessage: "Count", model: MODEL }, { content: long }, { chunkSize: 9, streamingProfile: { ttft: 20, tps: 100 } });
  await app.open();
  await addMock(app, mock);
  await app.send("Count for me");
  for (const mark of ["word0020", "word0120", "word0240"]) {
    await app.lastText("message-assistant", `the reply to reach ${mark}`, (text) => text.includes(mark));
    await app.driver.navigate().refresh();
    await app.ready();
    const early = await app.lastText("message-assistant", `${mark} after the reload`, (text) => text.includes(mark));
    assert.ok(flat(early).includes(long.slice(0, long.indexOf(mark))), "the text before the reload is whole");
  }
  const shown = flat(await app.lastText("message-assistant", "the end", (text) => text.includes("word0500")));
  await until("the reply to be complete", async () => (await replies(app.dataDir)).at(-1).status === "complete");
  assert.ok(shown.includes(long), "the window shows the text once, in order and whole");
  assert.equal(shown.split("word0001").length, 2, "nothing stands twice");
  assert.deepEqual((await replies(app.dataDir)).map(({ text }) => text), [long]);
  assert.equal(mock.getRequests().filter(({ path }) => path.includes("chat/completions")).length, 1, "asked once");
});

windowTest("the death of the page's process in mid-stream loses and doubles nothing", async ({ app, mock }) => {
  const long = numberedWords(400);
  mock.on({ userMessage: "Count", model: MODEL }, { content: long }, { chunkSize: 9, streamingProfile: { ttft: 20, tps: 100 } });
  await app.open();
  await addMock(app, mock);
  await app.send("Count for me");
  await app.lastText("message-assistant", "the reply to begin", (text) => text.includes("word0030"));
  const { pid } = app;
  await app.killPage();
  assert.equal(app.pid, pid, "the app itself lives on");
  await until("the reply to be complete", async () => (await replies(app.dataDir)).at(-1).status === "complete");
  assert.deepEqual((await replies(app.dataDir)).map(({ text }) => text), [long]);
  assert.equal(mock.getRequests().filter(({ path }) => path.includes("chat/completions")).length, 1, "asked once");
  assert.equal(app.pid, pid);

  await app.quit();
  await app.open();
  await app.click("chat-item");
  const shown = flat(await app.lastText("message-assistant", "the end", (text) => text.includes("word0400")));
  assert.ok(shown.includes(long));
  assert.equal(shown.split("word0001").length, 2, "nothing stands twice");
});
