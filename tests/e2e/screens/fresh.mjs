// Acts of a person who has just come: the first start, a provider of their own, and a store that cannot be opened.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Key } from "selenium-webdriver";
import { until } from "../harness/app.mjs";
import { MODEL, numberedWords } from "../harness/scene.mjs";
import {
  addMock,
  clickNamed,
  dropFiles,
  escape,
  fillProvider,
  gone,
  openDemo,
  press,
  settled,
} from "../harness/ways.mjs";

const AMBIGUOUS = `sk-${"4f9c81d2".repeat(4)}`;

async function firstStart(app, camera) {
  await camera.shoot(app, "first-run");
  await app.type("paste-keys", AMBIGUOUS);
  await press(app, Key.ENTER);
  await app.find("connect-row");
  await camera.shoot(app, "first-run-key");
  await app.click("connect-by-address");
  await app.find("provider-form");
  await fillProvider(app, "http://127.0.0.1:9/v1");
  await until("the check to fail", async () => {
    const result = await app.find("provider-check-result");
    return (await result.getAttribute("data-ok")) === "false";
  });
  await camera.shoot(app, "first-run-unreachable");
}

async function demo(app, camera) {
  await openDemo(app);
  await app.send("Show me what you can do");
  await app.lastText("message-assistant", "the demo to answer", (text) => text.length > 300);
  await camera.shoot(app, "streaming");
  await settled(app, 60_000);
  await camera.shoot(app, "demo");
}

const stream = (tokens) => ({ chunkSize: 9, streamingProfile: { ttft: 20, tps: tokens } });

/** What happens with a provider that answers, refuses, breaks and waits. */
async function answers(app, camera, mock) {
  mock.on(
    { userMessage: "Break", model: MODEL },
    { content: numberedWords(200) },
    { ...stream(200), truncateAfterChunks: 60 },
  );
  mock.on({ userMessage: "long", model: MODEL }, { content: numberedWords(4000) }, stream(20));
  mock.on(
    { userMessage: "refused", model: MODEL },
    { error: { message: "Incorrect API key provided.", type: "invalid_api_key" }, status: 401 },
  );
  mock.on(
    { userMessage: "link", model: MODEL },
    { content: "Read [the manual](https://manual.example.org/batching?page=2) first." },
  );
  await addMock(app, mock);
  await camera.shoot(app, "ready");
  await app.send("Break off in the middle, please");
  await app.find("continue");
  await camera.shoot(app, "cut-off");
  await app.click("new-chat");
  await app.send("A key that is refused");
  await app.find("error");
  await camera.shoot(app, "refused");
  await app.click("new-chat");
  await app.send("Something with a link");
  await app.lastText("message-assistant", "the link", (text) => text.includes("the manual"));
  await settled(app);
  await clickNamed(app, "the manual", '[data-testid="message-assistant"]');
  await app.find("link-dialog");
  await camera.shoot(app, "link");
  await escape(app);
  await gone(app, "link-dialog");
  await app.click("new-chat");
  await dropFiles(app, [{ name: "latency.png", type: "image/png" }], { drop: false });
  await camera.shoot(app, "drop");
  const table = "minute,p50,p99\n".repeat(1200);
  await dropFiles(app, [
    { name: "latency-nov.csv", type: "text/csv", text: table },
    { name: "whiteboard.png", type: "image/png" },
  ]);
  await until("both files", async () => (await app.all("attachment")).length === 2);
  await app.type("composer", "What stands out in these?");
  await camera.shoot(app, "attachments");
  await app.click("new-chat");
  await app.send("Something long");
  await app.lastText("message-assistant", "the long answer", (text) => text.includes("word0010"));
  for (const ahead of ["And how does that look in Rust?", "Then as a table"]) {
    await app.type("composer", ahead);
    await press(app, Key.ENTER);
  }
  await camera.shoot(app, "queue");
  await app.click("stop");
}

/** A data file that is not one. */
function damaged(folder) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "parlance.db"), "This was a list of groceries. ".repeat(400), { mode: 0o600 });
}

async function closed(app, camera) {
  await app.find("error");
  await camera.shoot(app, "recovery");
}

export const acts = [
  { name: "first start", play: firstStart, env: { MISTRAL_API_KEY: "a-key-for-pictures" } },
  { name: "demo", play: demo },
  { name: "answers", play: answers },
  { name: "closed store", play: closed, prepare: damaged, ready: false },
];
