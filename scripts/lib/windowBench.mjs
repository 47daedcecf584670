import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { percentile } from "./measure.mjs";

const MESSAGES = 10_000;
const STREAM_TOKENS_PER_S = 200;
const CHARACTERS_PER_TOKEN = 4;
const STREAM_S = 10;
/** An answer so long is measured at its end, while it still grows by a line a token. */
const LONG_LINES = 3000;
const SENTENCE = "Measured words come in at a steady pace, with **some** `code` and a [link](https://example.org). ";
const ANSWER = `${SENTENCE.repeat(5)}\n\n`.repeat(STREAM_TOKENS_PER_S / 5);
/** What opening the long chat may take more than the short one. */
const MORE_TO_OPEN_MS = 100;
/** How much slower than the plain page a scrolled frame may be. */
const SLOWER = 1.25;
/** Pixels a frame: a fast throw of the wheel, ten screens a second and more. */
const SCROLL_STEP = 400;
/** So many steps at that pace. */
const PACED_STEPS = 120;
/** Pixels a frame on the way from end to end. */
const THROW_STEP = 4000;
/** Rows of the plain page beside it. */
const PLAIN_ROWS = 400;

/** Milliseconds of CPU that the main thread of a process has used. */
function mainThreadMs(pid) {
  const stat = readFileSync(`/proc/${pid}/task/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Counts frames in the page: `frames` holds the milliseconds of each. */
export const FRAMES = `
  const frames = [];
  let last = performance.now(), counting = true;
  requestAnimationFrame(function tick(now) {
    if (!counting) return;
    frames.push(now - last);
    last = now;
    requestAnimationFrame(tick);
  });
  const log = () => document.querySelector('[role="log"]');
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
`;

/** From the press on a row of the list until its last message is painted. */
function openChat(app, title) {
  return app.runAsync(
    `${FRAMES}
     const row = [...document.querySelectorAll('[data-testid="chat-item"]')].find((one) => one.innerText.includes(args[0]));
     const began = performance.now();
     (row.querySelector('button') ?? row).click();
     while (!log()?.querySelector('[data-testid="message-assistant"]')) await painted();
     const box = log();
     while (box.scrollHeight - box.scrollTop - box.clientHeight > 2) await painted();
     await painted();
     counting = false;
     return { ms: performance.now() - began, nodes: document.querySelectorAll('*').length };`,
    title,
  );
}

const WORDS = `
  const box = log();
  const words = () => {
    const middle = box.getBoundingClientRect();
    const hit = document.elementFromPoint(middle.left + middle.width / 2, middle.top + middle.height / 2);
    return hit?.closest('[data-message]') !== null;
  };
`;

/** Upwards by steps of so many pixels, one a frame; what each frame took, and after how many no words stood there. */
function scroll(app, step, most) {
  return app.runAsync(
    `${FRAMES}${WORDS}
     let blank = 0, steps = 0;
     while (steps < args[1] && box.scrollTop > 0) {
       box.scrollTop -= args[0];
       steps += 1;
       await painted();
       if (!words()) blank += 1;
     }
     counting = false;
     return { frames: frames.slice(2), blank, steps, nodes: document.querySelectorAll('*').length };`,
    step,
    most,
  );
}

/** From the end to the beginning, part by part. */
async function scrollAll(app) {
  const all = { frames: [], blank: 0, steps: 0 };
  for (;;) {
    const part = await scroll(app, THROW_STEP, 100);
    if (part.steps === 0) return all;
    all.frames.push(...part.frames);
    all.blank += part.blank;
    all.steps += part.steps;
  }
}

/** To twenty places over all of it, then to its end: milliseconds until words stand there, on average. */
function leap(app) {
  return app.runAsync(
    `${FRAMES}${WORDS}
     counting = false;
     const began = performance.now();
     for (let leap = 0; leap <= 20; leap += 1) {
       box.scrollTop = (box.scrollHeight * leap) / 20;
       for (let wait = 0; wait < 200 && !words(); wait += 1) await painted();
     }
     const ms = (performance.now() - began) / 21;
     while (box.scrollHeight - box.scrollTop - box.clientHeight > 2) {
       box.scrollTop = box.scrollHeight;
       await painted();
     }
     return ms;`,
  );
}

/**
 * The floor under that: the rows that stand there, many times over as a page that nothing looks after, scrolled by the
 * same steps. What a frame takes here, the web view needs for painting.
 */
function scrollPlain(app) {
  return app.runAsync(
    `${FRAMES}
     const box = log();
     const plain = box.cloneNode(true);
     const rows = [...plain.querySelectorAll('[data-slot]')];
     for (const row of rows) row.style.marginTop = '0';
     rows[0].parentElement.style.height = 'auto';
     while (rows[0].parentElement.children.length < args[1]) for (const row of rows) rows[0].parentElement.append(row.cloneNode(true));
     box.replaceWith(plain);
     plain.scrollTop = plain.scrollHeight;
     await painted();
     frames.length = 0;
     for (let step = 0; step < args[2] && plain.scrollTop > 0; step += 1) {
       plain.scrollTop -= args[0];
       await painted();
     }
     counting = false;
     plain.replaceWith(box);
     return { frames: frames.slice(2) };`,
    SCROLL_STEP,
    PLAIN_ROWS,
    PACED_STEPS,
  );
}

/** The share of time that the main thread of a process is busy from now on, in words. */
export function busyOf(pid) {
  const [cpu, began] = [mainThreadMs(pid), performance.now()];
  return () => `${((100 * (mainThreadMs(pid) - cpu)) / (performance.now() - began)).toFixed(0)} %`;
}

/** Frame times while a reply of some seconds comes in. */
function stream(app, seconds = STREAM_S) {
  return app.runAsync(
    `${FRAMES}
     const began = performance.now();
     while (performance.now() - began < args[0] * 1000) await painted();
     counting = false;
     const text = [...document.querySelectorAll('[data-testid="message-assistant"]')].at(-1)?.innerText.length ?? 0;
     return { frames: frames.slice(2), text };`,
    seconds,
  );
}

/** The floor under that: the same text put into a bare paragraph at the end of the page, frame by frame. */
function streamPlain(app, text) {
  return app.runAsync(
    `${FRAMES}
     const box = log();
     const bare = box.firstElementChild.appendChild(document.createElement('p'));
     bare.style.whiteSpace = 'pre-wrap';
     const height = box.firstElementChild.style.height;
     box.firstElementChild.style.height = 'auto';
     const began = performance.now();
     let shown = 0;
     while (performance.now() - began < args[1] * 1000) {
       const next = Math.round(((performance.now() - began) / 1000) * args[2]);
       bare.append(args[0].slice(shown, next));
       shown = next;
       box.scrollTop = box.scrollHeight;
       await painted();
     }
     counting = false;
     bare.remove();
     box.firstElementChild.style.height = height;
     return { frames: frames.slice(2) };`,
    text,
    STREAM_S / 2,
    STREAM_TOKENS_PER_S * CHARACTERS_PER_TOKEN,
  );
}

/** Frame times in words. */
export const figures = (frames) =>
  `median ${percentile(frames, 0.5).toFixed(1)}, p95 ${percentile(frames, 0.95).toFixed(1)}, worst ${Math.max(...frames).toFixed(1)} ms of ${frames.length} frames`;

async function opening(app, short, long) {
  await openChat(app, short);
  await openChat(app, long);
  const took = { short: [], long: [] };
  for (let round = 0; round < 7; round += 1) {
    took.short.push((await openChat(app, short)).ms);
    took.long.push((await openChat(app, long)).ms);
  }
  const [one, many] = [percentile(took.short, 0.5), percentile(took.long, 0.5)];
  console.log(`\nthe window (Linux, software rendering), a chat of ${MESSAGES} messages beside one of 4`);
  console.log(`  open: ${one.toFixed(0)} ms against ${many.toFixed(0)} ms, ${(many - one).toFixed(0)} ms more (limit ${MORE_TO_OPEN_MS})`);
  return many - one <= MORE_TO_OPEN_MS;
}

async function scrolling(app) {
  const plain = await scrollPlain(app);
  const busy = busyOf(app.pagePid);
  const paced = await scroll(app, SCROLL_STEP, PACED_STEPS);
  console.log(`  scroll, ${SCROLL_STEP} px a frame: ${figures(paced.frames)}, main thread busy ${busy()}`);
  console.log(`    ${paced.blank} of ${paced.steps} steps blank; ${paced.nodes} elements in the page`);
  console.log(`    the same rows as a plain page: ${figures(plain.frames)}`);
  const all = await scrollAll(app);
  console.log(`  end to end, ${THROW_STEP} px a frame: ${figures(all.frames)}; ${all.blank} of ${all.steps} steps blank`);
  console.log(`  a leap to a twentieth of it: ${(await leap(app)).toFixed(0)} ms until words stand there (mean of 21)`);
  return paced.blank === 0 && percentile(paced.frames, 0.5) <= SLOWER * percentile(plain.frames, 0.5);
}

/** Sends, waits for the answer to come so far, and measures from there. */
async function answering(app, until, { question, begun, seconds, name }) {
  await app.send(question);
  await app.lastText("message-assistant", `the answer to "${question}"`, (text) => text.includes(begun), 120_000);
  const busy = busyOf(app.pagePid);
  const seen = await stream(app, seconds);
  console.log(`  ${STREAM_TOKENS_PER_S} tokens/s into ${name}: ${figures(seen.frames)}; main thread busy ${busy()}; ${seen.text} characters`);
  await app.click("stop");
  await until("the stream to end", async () => (await app.all("stop")).length === 0, 120_000);
}

async function streaming(app, until, short, long) {
  const seconds = STREAM_S;
  await openChat(app, short);
  await answering(app, until, { question: "Go on", begun: "Measured", seconds, name: "4 messages" });
  await openChat(app, long);
  await answering(app, until, { question: "Go on", begun: "Measured", seconds, name: `${MESSAGES} messages` });
  const bare = await streamPlain(app, ANSWER);
  console.log(`    the same text into a bare paragraph: ${figures(bare.frames)}`);
  const name = "an answer of more than 2,000 lines";
  await answering(app, until, { question: "At length", begun: "Line 2000 ", seconds: seconds / 2, name });
}

function answers(mock) {
  const streamingProfile = { ttft: 20, tps: STREAM_TOKENS_PER_S };
  const lines = Array.from({ length: LONG_LINES }, (_, at) => `${at + 1}. Line ${at + 1} of a **long** answer that \`goes\` on.\n`);
  mock.on({ userMessage: "Go on" }, { content: ANSWER }, { chunkSize: CHARACTERS_PER_TOKEN, streamingProfile });
  mock.on({ userMessage: "At length" }, { content: lines.join("") }, { chunkSize: lines[0].length, streamingProfile });
}

/**
 * The window with a long chat in it, beside a short one and beside what the web view does with a plain page; false where
 * a limit is passed. `seeded(folder, env, messages)` fills a store with one short and one long chat whose provider is the
 * mock.
 */
export async function windowBench({ App, until, LLMock, binary, display, seeded }) {
  const folder = mkdtempSync(join(tmpdir(), "parlance-window-"));
  const mock = new LLMock({ port: 0, host: "127.0.0.1" });
  await mock.start();
  answers(mock);
  try {
    const store = await seeded(folder, { SEED_BASE_URL: `${mock.url}/v1` }, MESSAGES);
    const home = join(folder, "home");
    cpSync(store, join(home, "data"), { recursive: true });
    const app = new App({ binary, home, display });
    try {
      await app.open();
      const [short, long] = ["Chat 0 about", "Chat 1 about"];
      const opens = await opening(app, short, long);
      const scrolls = await scrolling(app);
      await streaming(app, until, short, long);
      return opens && scrolls;
    } finally {
      await app.kill();
    }
  } finally {
    await mock.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
