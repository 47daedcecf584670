// Acts of a person who compares models: the sample's vendors are played by the mock.
import { Key } from "selenium-webdriver";
import { until } from "../harness/app.mjs";
import { ask, inState, lanes, openCompare } from "../harness/lanes.mjs";
import { chord, clickNamed, dropFiles, escape, gone, press, settled } from "../harness/ways.mjs";
import { spent, toMock, voted } from "./prepared.mjs";

const PROMPT = "Explain idempotency keys to a product manager in under 150 words, with one concrete example.";
const FOLLOW_UP = "Now the same for a customer, in two sentences.";

const STORY = `Picture a customer tapping **Pay** on a train. The request goes out, the signal drops, and the phone never hears back. The app retries, because that is what a good app does.

Without an idempotency key the server sees two payments. With one, it sees the same payment twice and answers the second time with the first result.

The key is a label the app makes up *before* the first try, for example \`order-8841-pay\`, and sends with every retry of that one action.

Three things to agree on with the team:

- How long the server remembers a key. A day is common.
- What happens when the same key arrives with a different amount. It should be refused.
- Which actions need one. Everything that moves money or sends a message.`;

const BRIEF = `An **idempotency key** is a unique ID that your app attaches to a request so the server can recognise a retry.

Say a shopper presses **Pay** and the network fails. The app sends the request again with the same key. The server finds the key, skips the second charge, and returns the original receipt.

In short: same key, same result, no matter how many times it is sent.`;

const SEAT = `When a network hiccup makes an app send the same request twice, an idempotency key lets the server notice and act only once.

**Example.** A user books seat 14C. The app attaches the key \`b7f2-14C\`. The confirmation is lost, so the app tries again with the same key. The server replies with the existing booking instead of creating a second one.

| Without a key | With a key |
|---|---|
| Two taps, two charges | Two taps, one charge |
| Support refunds by hand | Nothing to refund |

\`\`\`http
POST /payments
Idempotency-Key: order-8841-pay
\`\`\``;

const FUSED = `Picture a customer tapping **Pay** on a train while the signal drops. The app tries again, because a good app does, and the server must not charge twice.

An **idempotency key** is a label that the app makes before the first try, such as \`order-8841-pay\`, and sends with each retry. The server keeps it beside the result and gives that result again.`;

const RETRIED = `You tapped **Pay** twice; we charged you once. Each payment carries a number of its own, and we never take the same number twice.`;

/** Which model says what, and how fast: pieces of some letters a second. */
const SAID = [
  { model: /claude/, content: STORY, first: 900, pace: 2.5 },
  { model: /llama|oss/, content: BRIEF, first: 90, pace: 200 },
  { model: /deepseek|gemini/, content: SEAT, first: 600, pace: 3 },
  { model: /gpt/, content: SEAT, first: 400, pace: 60 },
  { model: /./, content: BRIEF, first: 300, pace: 30 },
];

/** An answer with what it used, in the words of each wire. */
function said(content) {
  const [input, output] = [64, Math.round(content.length / 4)];
  const usage = {
    prompt_tokens: input,
    completion_tokens: output,
    input_tokens: input,
    output_tokens: output,
    promptTokenCount: input,
    candidatesTokenCount: output,
  };
  return { content, usage };
}

const stream = (first, pace) => ({ chunkSize: 12, streamingProfile: { ttft: first, tps: pace } });

function play(mock) {
  mock.on({ userMessage: "takes the best of all" }, said(FUSED), stream(500, 1));
  mock.on({ userMessage: FOLLOW_UP }, said(RETRIED), stream(60, 200));
  mock.on(
    { userMessage: "Which of these", model: /gemini/ },
    {
      error: { message: "Permission denied: the project has been suspended.", type: "PERMISSION_DENIED" },
      status: 403,
    },
  );
  for (const { model, content, first, pace } of SAID) {
    mock.on({ userMessage: PROMPT, model }, said(content), stream(first, pace));
    mock.on({ userMessage: "Which of these", model }, said(content), stream(first, 1));
    mock.on({ userMessage: "Name", model }, said(content), stream(first / 10, 300));
    mock.on({ userMessage: "picture", model }, said(content), stream(first / 10, 300));
  }
}

/** Begins a comparison of the models of a set. */
async function takeSet(app, name) {
  await app.click("set-menu");
  await clickNamed(app, name, ".compare-sets");
  await gone(app, "set");
  await until(`the lanes of "${name}"`, async () => (await app.texts("set-menu"))[0]?.includes(name));
}

const done = (app, count) => inState(app, "complete", count, 120_000);

/** Does what stands in the menu of a column. */
async function ofLane(app, name, action) {
  await clickNamed(app, `More for ${name}`, '[data-testid="lanes"]');
  await clickNamed(app, action, '[role="menu"]');
}

async function ofComparison(app, action) {
  await app.run(`[...document.querySelectorAll('header.bar button')].at(-1).click()`);
  await clickNamed(app, action, '[role="menu"]');
}

/** Scrolls to the last column. */
const toLast = (app) =>
  app.run("const all = document.querySelector('[data-testid=\"lanes\"]'); all.scrollLeft = all.scrollWidth");

const unfocus = (app) => app.run("document.activeElement?.blur()");

async function beginning(app, camera, mock) {
  play(mock);
  await app.find("chat-item");
  await openCompare(app);
  await camera.shoot(app, "compare-first");
  await app.click("set-menu");
  await app.find("set");
  await camera.shoot(app, "compare-sets", async () => {
    if ((await app.all("set")).length === 0) await app.click("set-menu");
  });
  await escape(app);
  await app.click("add-lane");
  await app.find("model-picker");
  await camera.shoot(app, "compare-picker");
  await escape(app);
  await gone(app, "model-picker");
  await takeSet(app, "Everyday four");
  await app.type("compare-composer", PROMPT);
  await until("its price", async () => /for 4/.test((await app.texts("compare-estimate"))[0] ?? ""));
  await camera.shoot(app, "compare-before");
  await app.click("asked-menu");
  await camera.shoot(app, "compare-asked");
  await escape(app);
  await app.click("lane-setup");
  await until("the parameters", () => app.run("return document.querySelector('.setup-pop') !== null"));
  await camera.shoot(app, "compare-parameters");
  await escape(app);
  await dropFiles(app, [{ name: "whiteboard.png", type: "image/png" }]);
  await app.find("cannot-take");
  await app.type("compare-composer", "What does this picture show?");
  await camera.shoot(app, "compare-picture");
  await ask(app, "");
  await inState(app, "failed", 1);
  await done(app, 3);
  await unfocus(app);
  await camera.shoot(app, "compare-refused");
}

async function asking(app, camera, mock) {
  play(mock);
  await app.find("chat-item");
  await openCompare(app);
  await takeSet(app, "Everyday four");
  await ask(app, PROMPT);
  await inState(app, "complete", 2);
  await until("some words", async () => (await lanes(app)).every(({ text }) => text.length > 160));
  await camera.shoot(app, "compare-streaming");
  await done(app, 4);
  await camera.shoot(app, "compare-done");
  await app.run("document.querySelector('[data-testid=\"lane\"]').focus()");
  await press(app, "r", "2", "1");
  await app.find("keep-ranking");
  await camera.shoot(app, "compare-ranking");
  await escape(app);
  await press(app, "2");
  await app.find("verdict");
  await app.click("verdict-note");
  await app.type("note-field", "Says why it matters before it says what it is.");
  await app.type("tag-field", "plain words,");
  await camera.shoot(app, "compare-note", async () => {
    if ((await app.all("note-field")).length === 0) await app.click("verdict-note");
  });
  await app.click("note-done");
  await unfocus(app);
  await camera.shoot(app, "compare-voted");
  await ofLane(app, "claude", "Compare with another answer");
  await app.find("diff-text");
  await camera.shoot(app, "compare-diff");
  await escape(app);
  await gone(app, "diff");
  await app.click("merge");
  await until("the merged answer to begin", async () => (await lanes(app)).at(-1).text.includes("Picture"));
  await camera.shoot(app, "compare-merging", () => toLast(app));
  await done(app, 5);
  await camera.shoot(app, "compare-merged", () => toLast(app));
  await ofComparison(app, "Export as Markdown");
  await app.find("toast");
  await camera.shoot(app, "compare-export");
  while ((await app.all("toast")).length > 0)
    await clickNamed(app, "Close", '[data-testid="toast"]').catch(() => undefined);
  await ofLane(app, "claude", "Follow up from this answer");
  await app.find("shared-from");
  await app.type("compare-composer", FOLLOW_UP);
  await camera.shoot(app, "compare-shared");
  await ask(app, "");
  await until("the second prompt", async () => (await app.texts("prompt-place"))[0]?.includes("2 of 2"));
  await done(app, 4);
  await camera.shoot(app, "compare-follow-up");
  await app.click("previous-prompt");
  await app.click("layout-stack");
  await unfocus(app);
  await camera.shoot(app, "compare-stack");
  await app.click("layout-columns");
  await app.click("nav-chat");
  await app.find("chat-item");
  await camera.shoot(app, "compare-in-list");
}

async function trouble(app, camera, mock) {
  play(mock);
  await app.find("chat-item");
  await openCompare(app);
  await takeSet(app, "With a queue");
  await ask(app, "Which of these words would you cut, and why?");
  await inState(app, "failed", 1);
  await inState(app, "queued", 1);
  await camera.shoot(app, "compare-failed");
  await app.click("stop-all");
  await inState(app, "cancelled", 4);
  await camera.shoot(app, "compare-stopped");
  await app.click("lane-retry");
  await until("a second version", () =>
    app.run("return document.querySelector('[data-testid=\"lane\"] footer.full') !== null"),
  );
  await app.click("stop-all").catch(() => undefined);
  await gone(app, "stop-all");
  await unfocus(app);
  await camera.shoot(app, "compare-versions");
}

async function blind(app, camera, mock) {
  play(mock);
  await app.find("chat-item");
  await openCompare(app);
  await takeSet(app, "Everyday four");
  await app.run("document.querySelector('main [role=\"switch\"]').click()");
  await ask(app, PROMPT);
  await inState(app, "complete", 2);
  await camera.shoot(app, "compare-blind");
  await done(app, 4);
  await camera.shoot(app, "compare-blind-done");
  await app.run("document.querySelectorAll('[data-testid=\"lane\"]')[2].focus()");
  await press(app, "3");
  await app.find("verdict");
  await camera.shoot(app, "compare-blind-voted");
}

async function many(app, camera, mock) {
  play(mock);
  await app.find("chat-item");
  await openCompare(app);
  for (const [set, count, name] of [
    ["Long names", 3, "long-names"],
    ["Two", 2, "two"],
    ["Eight at once", 8, "eight"],
    ["All twelve", 12, "twelve"],
  ]) {
    await takeSet(app, set);
    await ask(app, "Name the three things a retry must never do.");
    await done(app, count);
    await unfocus(app);
    await camera.shoot(app, `compare-${name}`);
  }
  await camera.shoot(app, "compare-twelve-end", () => toLast(app));
}

async function overBudget(app, camera, mock) {
  play(mock);
  await app.find("chat-item");
  await openCompare(app);
  await takeSet(app, "Everyday four");
  await ask(app, PROMPT);
  await app.find("over-budget");
  await camera.shoot(app, "compare-over-budget");
}

async function noRanking(app, camera) {
  await app.find("chat-item");
  await openCompare(app);
  await app.click("open-ranking");
  await app.find("no-judgements");
  await camera.shoot(app, "compare-ranks-empty");
  await app.click("nav-chat");
  await clickNamed(app, "Batching and tail latency", '[data-testid="chat-list"]');
  await until("the chat", async () => (await app.texts("message-assistant")).length > 0);
  await app.run("document.querySelector('[role=\"log\"]').scrollTop = 0");
  await app.click("thumb-up");
  await settled(app);
  await camera.shoot(app, "compare-thumbs");
}

async function ranking(app, camera) {
  await app.find("chat-item");
  await openCompare(app);
  await app.click("open-ranking");
  await app.find("leader");
  await camera.shoot(app, "compare-ranks");
  await camera.shoot(app, "compare-trials", () =>
    app.run("const trial = document.querySelector('[data-testid=\"trial\"]'); trial?.scrollIntoView({ block: 'end' })"),
  );
}

const act = (name, scene, ...more) => ({
  name: `compare: ${name}`,
  play: scene,
  sample: true,
  prepare: (dataDir, mock) => [toMock, ...more].forEach((make) => make(dataDir, mock)),
});

export const acts = [
  act("the beginning", beginning),
  act("answers", asking),
  act("trouble", trouble),
  act("blind", blind),
  act("many", many),
  act("over budget", overBudget, spent),
  act("no votes yet", noRanking),
  act("the ranking", ranking, voted),
];
