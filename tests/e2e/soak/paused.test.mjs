import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { until } from "../harness/app.mjs";
import { residentMemory } from "../harness/processes.mjs";
import { MODEL, windowTest } from "../harness/scene.mjs";
import { replies } from "../harness/store.mjs";
import { addMock, settled } from "../harness/ways.mjs";

const PER_SECOND = 10_000;
const SECONDS = 60;
const TICK_MS = 10;
const WORD = "tick ";
/** The text itself is 3 MB in the end and may be held a few times over; an unread backlog of events would be ten times that. */
const MAY_GROW = 32 << 20;

/** A server that streams at a fixed rate by the clock, whoever reads. */
async function startFirehose() {
  const chunk = (delta, finish = null) =>
    `data: ${JSON.stringify({ id: "f", object: "chat.completion.chunk", created: 1, model: MODEL, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  // Tokens that nobody reports are counted here, with a vocabulary of 46 MB: that is not what this test weighs.
  const usage = `data: ${JSON.stringify({ id: "f", object: "chat.completion.chunk", created: 1, model: MODEL, choices: [], usage: { prompt_tokens: 1, completion_tokens: PER_SECOND * SECONDS, total_tokens: PER_SECOND * SECONDS + 1 } })}\n\n`;
  const events = chunk({ content: WORD }).repeat((PER_SECOND * TICK_MS) / 1000);
  const server = createServer((request, response) => {
    if (request.url.endsWith("/models")) {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ object: "list", data: [{ id: MODEL, object: "model", created: 1, owned_by: "test" }] }));
      return;
    }
    request.resume();
    response.setHeader("content-type", "text/event-stream");
    response.write(chunk({ role: "assistant", content: "" }));
    const start = performance.now();
    let ticks = 0;
    const timer = setInterval(() => {
      // As many ticks as the clock says, so that a late timer does not lower the rate.
      const due = Math.min((SECONDS * 1000) / TICK_MS, Math.floor((performance.now() - start) / TICK_MS));
      for (; ticks < due; ticks += 1) response.write(events);
      if (ticks < (SECONDS * 1000) / TICK_MS) return;
      clearInterval(timer);
      response.end(`${chunk({}, "stop")}${usage}data: [DONE]\n\n`);
    }, TICK_MS);
    response.on("close", () => clearInterval(timer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

windowTest("a page paused for a minute at 10,000 events a second keeps the app's memory flat (NET-20)", async ({ app }) => {
  const firehose = await startFirehose();
  let paused;
  try {
    await app.open();
    await addMock(app, firehose);
    await app.send("Begin");
    await app.lastText("message-assistant", "the reply to begin", (text) => text.includes("tick tick"));
    const { pid, pagePid } = app;
    process.kill(pagePid, "SIGSTOP");
    paused = pagePid;
    const start = residentMemory(pid);
    const samples = [start];
    await until(
      "the reply to be complete",
      async () => {
        samples.push(residentMemory(pid));
        return (await replies(app.dataDir)).at(-1).status === "complete";
      },
      (SECONDS + 90) * 1000,
    );
    const most = Math.max(...samples);
    const mib = (bytes) => (bytes / 2 ** 20).toFixed(1);
    console.log(`app memory: ${mib(start)} MiB at the pause, ${mib(most)} MiB at most, ${mib(samples.at(-1))} MiB at the end`);
    process.kill(pagePid, "SIGCONT");
    paused = undefined;
    const whole = WORD.repeat(PER_SECOND * SECONDS);
    assert.equal((await replies(app.dataDir)).at(-1).text, whole, "every event arrived, once");
    assert.ok(most - start < MAY_GROW, `the app grew by ${mib(most - start)} MiB`);
    await settled(app, 120_000);
  } finally {
    if (paused) process.kill(paused, "SIGCONT");
    await firehose.stop();
  }
});
