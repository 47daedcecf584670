import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { percentile } from "./measure.mjs";
import { busyOf, figures, FRAMES } from "./windowBench.mjs";

const LANES = 8;
const TOKENS_PER_S = 200;
const SECONDS = 30;
const TICK_MS = 10;
/** Answers as they are: prose with words that stand out, a list, some code. */
const ANSWER =
  "Measured words come in at a steady pace, with **some** `code` and a [link](https://example.org) in them. ".repeat(4) +
  "\n\n- one point of a list\n- another, *longer* one\n\n```js\nconst answer = compute(42);\n```\n\n";
const CHARACTERS_PER_TOKEN = 4;
/** No frame of twenty may take longer, where the display of the machine gives a bare page as much. */
const LONGEST_MS = 50;
/** Where it does not, half of the frames may take so many times what a bare page takes. */
const SLOWER = 1.25;
/** Models of the lanes; the last answers at once and then rests. */
const MODELS = Array.from({ length: LANES }, (_, at) => `model-${at + 1}`);
const QUIET = "quiet";

const event = (model, delta, finish = null) =>
  `data: ${JSON.stringify({ id: "b", object: "chat.completion.chunk", created: 1, model, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

/** Writes one event a token, as many as the clock says. */
function stream(response, model) {
  const began = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(TOKENS_PER_S * SECONDS, Math.floor(((performance.now() - began) / 1000) * TOKENS_PER_S));
    let events = "";
    for (; sent < due; sent += 1) {
      const at = (sent * CHARACTERS_PER_TOKEN) % ANSWER.length;
      events += event(model, { content: ANSWER.slice(at, at + CHARACTERS_PER_TOKEN) });
    }
    if (events) response.write(events);
    if (sent < TOKENS_PER_S * SECONDS) return;
    clearInterval(timer);
    response.end(`${event(model, {}, "stop")}data: [DONE]\n\n`);
  }, TICK_MS);
  response.on("close", () => clearInterval(timer));
}

/** A server of these models that answers every one at the same pace, whoever reads. */
async function startPaced(models) {
  const server = createServer(async (request, response) => {
    if (request.url.endsWith("/models")) {
      response.setHeader("content-type", "application/json");
      const data = models.map((id) => ({ id, object: "model", created: 1, owned_by: "bench" }));
      response.end(JSON.stringify({ object: "list", data }));
      return;
    }
    let body = "";
    for await (const chunk of request) body += chunk;
    const { model } = JSON.parse(body);
    response.setHeader("content-type", "text/event-stream");
    if (model === QUIET) response.end(`${event(model, { content: "Done." })}${event(model, {}, "stop")}data: [DONE]\n\n`);
    else stream(response, model);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Frame times of so many seconds. */
const frames = (app, seconds) =>
  app.runAsync(
    `${FRAMES}
     const began = performance.now();
     while (performance.now() - began < args[0] * 1000) await painted();
     counting = false;
     return frames.slice(2);`,
    seconds,
  );

/**
 * The floor under that: the same text at the same pace in bare boxes of the same size, each scrolled to its end. What a
 * frame takes here, the web view and the display need for themselves.
 */
const bare = (app, columns, seconds) =>
  app.runAsync(
    `${FRAMES}
     const row = document.createElement('div');
     row.style.cssText = 'position:fixed;inset:0;z-index:9999;display:flex;background:#fff';
     const boxes = Array.from({ length: args[0] }, () => {
       const box = row.appendChild(document.createElement('div'));
       box.style.cssText = 'flex:1;min-width:0;overflow:hidden auto;white-space:pre-wrap;contain:strict;height:100%';
       return box;
     });
     document.body.append(row);
     await painted();
     frames.length = 0;
     const began = performance.now();
     let shown = 0;
     while (performance.now() - began < args[1] * 1000) {
       const next = Math.round(((performance.now() - began) / 1000) * args[2]);
       let text = '';
       for (; shown < next; shown += 1) text += args[3][shown % args[3].length];
       for (const box of boxes) {
         box.append(text);
         box.scrollTop = box.scrollHeight;
       }
       await painted();
     }
     counting = false;
     row.remove();
     return frames.slice(2);`,
    columns,
    seconds,
    TOKENS_PER_S * CHARACTERS_PER_TOKEN,
    ANSWER,
  );

const mib = (app, proportionalMemory) => app.processes().reduce((sum, { pid }) => sum + proportionalMemory(pid), 0) / 2 ** 20;

/** One window with a comparison of these models that is asked once. */
async function round({ App, inWindow, binary, display, proportionalMemory }, models, env) {
  const home = mkdtempSync(join(tmpdir(), "parlance-compare-"));
  const app = new App({ binary, home, display, env });
  const server = await startPaced(models);
  try {
    await app.open();
    await app.driver.manage().setTimeouts({ script: (SECONDS + 60) * 1000 });
    await inWindow.connectMock(app, server);
    await app.click("skip-onboarding");
    await inWindow.openCompare(app);
    await inWindow.addLanes(app, models);
    const idle = await frames(app, 3);
    const before = mib(app, proportionalMemory);
    await inWindow.ask(app, "Go on");
    const busy = { page: busyOf(app.pagePid), app: busyOf(app.pid) };
    const seen = await frames(app, SECONDS - 2);
    const shares = { page: busy.page(), app: busy.app() };
    await inWindow.inState(app, "complete", models.length, 120_000);
    const after = mib(app, proportionalMemory);
    const floor = await bare(app, models === MODELS ? LANES : 1, 8);
    const characters = (await inWindow.lanes(app)).map(({ text }) => text.length);
    return { idle, seen, floor, shares, before, after, characters };
  } finally {
    await app.kill();
    server.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

/** The third paints without OpenGL: what the other two take more, a machine without a graphics card spends on imitating one. */
const ROUNDS = [
  ["1 lane", [MODELS[0], QUIET], {}],
  [`${LANES} lanes`, MODELS, {}],
  [`${LANES} lanes, without OpenGL`, MODELS, { WEBKIT_DISABLE_DMABUF_RENDERER: "1" }],
];

/** Whether frames are as quick as they must be, beside those of a bare page. */
function isQuick(seen, floor) {
  if (percentile(floor, 0.95) <= LONGEST_MS) return percentile(seen, 0.95) <= LONGEST_MS;
  return percentile(seen, 0.5) <= SLOWER * percentile(floor, 0.5);
}

/**
 * Eight lanes that stream side by side in the real window, beside one; false where they are slower than they may be.
 */
export async function compareBench(harness) {
  console.log(`\ncompare, lanes of ${TOKENS_PER_S} tokens/s for ${SECONDS} s in the real window (Linux)`);
  let quick = true;
  for (const [name, models, env] of ROUNDS) {
    const { idle, seen, floor, shares, before, after, characters } = await round(harness, models, env);
    console.log(`  ${name}: ${figures(seen)}; over ${LONGEST_MS} ms: ${seen.filter((ms) => ms > LONGEST_MS).length}`);
    console.log(`    the same text in bare boxes ${figures(floor)}; at rest ${figures(idle)}`);
    console.log(`    main thread of the page busy ${shares.page}, of the app ${shares.app}; memory ${before.toFixed(0)} MiB before, ${after.toFixed(0)} MiB after (PSS of all processes); ${characters.reduce((sum, one) => sum + one, 0)} characters`);
    if (models === MODELS) quick &&= isQuick(seen, floor);
  }
  return quick;
}
