import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { percentile } from "./measure.mjs";

const MESSAGES = 10_000;
const STREAM_TOKENS_PER_S = 200;
const STREAM_S = 10;
/** Pixels a frame: a fast throw of the wheel, ten screens a second and more. */
const SCROLL_STEP = 400;
/** So many messages are scrolled through at that pace; the whole way is gone in leaps as well. */
const PACED_MESSAGES = 400;

/** Milliseconds of CPU that the main thread of a process has used. */
function mainThreadMs(pid) {
  const stat = readFileSync(`/proc/${pid}/task/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const FRAMES = `
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

/** From one end to the other at a steady pace, then in leaps over all of it; what each frame took, and blank frames. */
function scroll(app) {
  return app.runAsync(
    `${FRAMES}
     const box = log();
     const words = () => {
       const middle = box.getBoundingClientRect();
       const hit = document.elementFromPoint(middle.left + middle.width / 2, middle.top + middle.height / 2);
       return hit?.closest('[data-message]') !== null;
     };
     let blank = 0, steps = 0;
     const paced = box.scrollHeight * Math.min(1, args[1] / args[2]);
     for (let gone = 0; gone < paced && box.scrollTop > 0; gone += args[0]) {
       box.scrollTop -= args[0];
       steps += 1;
       await painted();
       if (!words()) blank += 1;
     }
     counting = false;
     const began = performance.now();
     for (let leap = 20; leap >= 0; leap -= 1) {
       box.scrollTop = (box.scrollHeight * leap) / 20;
       for (let wait = 0; wait < 200 && !words(); wait += 1) await painted();
     }
     return { frames: frames.slice(2), blank, steps, leapMs: (performance.now() - began) / 21,
              nodes: document.querySelectorAll('*').length, top: box.scrollTop };`,
    SCROLL_STEP,
    PACED_MESSAGES,
    MESSAGES,
  );
}

/** Frame times while a reply of some seconds comes in, and how busy the page's main thread was. */
async function stream(app, pid) {
  const cpu = mainThreadMs(pid);
  const seen = await app.runAsync(
    `${FRAMES}
     const began = performance.now();
     while (performance.now() - began < args[0] * 1000) await painted();
     counting = false;
     const text = [...document.querySelectorAll('[data-testid="message-assistant"]')].at(-1)?.innerText.length ?? 0;
     return { frames: frames.slice(2), ms: performance.now() - began, text };`,
    STREAM_S,
  );
  return { ...seen, busy: (mainThreadMs(pid) - cpu) / seen.ms };
}

const figures = (frames) =>
  `median ${percentile(frames, 0.5).toFixed(1)}, p95 ${percentile(frames, 0.95).toFixed(1)}, worst ${Math.max(...frames).toFixed(1)} ms of ${frames.length} frames`;

async function settle(app, until) {
  await until("the stream to end", async () => (await app.all("stop")).length === 0, 120_000);
}

/**
 * The window with a long chat in it, beside an empty one. `seeded(folder, env)` fills a store with one short and one
 * long chat whose provider is the mock.
 */
export async function windowBench({ App, until, LLMock, binary, display, seeded }) {
  const folder = mkdtempSync(join(tmpdir(), "parlance-window-"));
  const mock = new LLMock({ port: 0, host: "127.0.0.1" });
  await mock.start();
  const paragraph = "Measured words come in at a steady pace, with **some** `code` and a [link](https://example.org). ";
  mock.on({ userMessage: "Go on" }, { content: paragraph.repeat(STREAM_TOKENS_PER_S) }, {
    chunkSize: 4,
    streamingProfile: { ttft: 20, tps: STREAM_TOKENS_PER_S },
  });
  try {
    const store = await seeded(folder, { SEED_BASE_URL: `${mock.url}/v1` }, MESSAGES);
    const home = join(folder, "home");
    cpSync(store, join(home, "data"), { recursive: true });
    const app = new App({ binary, home, display });
    try {
      await app.open();
      const [short, long] = ["Chat 0 about", "Chat 1 about"];
      await openChat(app, short);
      await openChat(app, long);
      const opened = { short: [], long: [] };
      for (let round = 0; round < 7; round += 1) {
        opened.short.push((await openChat(app, short)).ms);
        opened.long.push((await openChat(app, long)).ms);
      }
      const [one, many] = [percentile(opened.short, 0.5), percentile(opened.long, 0.5)];
      console.log(`\nthe window (Linux, software rendering), a chat of ${MESSAGES} messages beside one of 4`);
      console.log(`  open: ${one.toFixed(0)} ms against ${many.toFixed(0)} ms, ${(many - one).toFixed(0)} ms more (limit 100)`);
      const scrolled = await scroll(app);
      console.log(`  scroll, ${SCROLL_STEP} px a frame: ${figures(scrolled.frames)}; ${scrolled.blank} of ${scrolled.steps} steps blank; ${scrolled.nodes} elements in the page`);
      console.log(`  leap over a twentieth of it: ${scrolled.leapMs.toFixed(0)} ms until words stand there (mean of 21)`);
      for (const [name, title] of [["4", short], [String(MESSAGES), long]]) {
        await openChat(app, title);
        await app.send("Go on");
        await app.lastText("message-assistant", "the reply to begin", (text) => text.includes("Measured"));
        const streamed = await stream(app, app.pagePid);
        console.log(`  ${STREAM_TOKENS_PER_S} tokens/s into ${name} messages: ${figures(streamed.frames)}; main thread busy ${(streamed.busy * 100).toFixed(0)} %; ${streamed.text} characters`);
        await app.click("stop");
        await settle(app, until);
      }
    } finally {
      await app.kill();
    }
  } finally {
    await mock.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
