import assert from "node:assert/strict";
import { startCanary } from "./harness/canary.mjs";
import { windowTest } from "./harness/scene.mjs";

// Each tries one way out of the page; `CANARY` is host and port of a listener that must stay untouched.
const WAYS_OUT = {
  fetch: "await fetch(`http://${CANARY}/fetch`)",
  "fetch without CORS": "await fetch(`http://${CANARY}/fetch`, { mode: 'no-cors' })",
  XMLHttpRequest:
    "await new Promise((done, fail) => { const x = new XMLHttpRequest(); x.open('GET', `http://${CANARY}/xhr`); x.onload = done; x.onerror = fail; x.send(); })",
  WebSocket:
    "await new Promise((done, fail) => { const w = new WebSocket(`ws://${CANARY}/`); w.onopen = done; w.onerror = fail; w.onclose = fail; })",
  EventSource:
    "await new Promise((done, fail) => { const e = new EventSource(`http://${CANARY}/events`); e.onopen = done; e.onerror = () => { e.close(); fail(); }; })",
  beacon: "if (!navigator.sendBeacon(`http://${CANARY}/beacon`, 'x')) throw 0; throw 0",
  image:
    "await new Promise((done, fail) => { const i = new Image(); i.onload = done; i.onerror = fail; i.src = `http://${CANARY}/image.png`; })",
  "style sheet":
    "await new Promise((done, fail) => { const l = document.createElement('link'); l.rel = 'stylesheet'; l.onload = done; l.onerror = fail; l.href = `http://${CANARY}/a.css`; document.head.append(l); })",
  script:
    "await new Promise((done, fail) => { const s = document.createElement('script'); s.onload = done; s.onerror = fail; s.src = `http://${CANARY}/a.js`; document.head.append(s); })",
  font: "await new FontFace('canary', `url(http://${CANARY}/a.woff2)`).load()",
  worker:
    "await new Promise((done, fail) => { const w = new Worker(`http://${CANARY}/w.js`); w.onmessage = done; w.onerror = fail; })",
};

windowTest("the page can reach nothing but the app (TAU-1)", async ({ app }) => {
  const canary = await startCanary();
  try {
    await app.open();
    for (const [name, script] of Object.entries(WAYS_OUT)) {
      const outcome = await app.runAsync(
        `const CANARY = args[0]; try { ${script}; return "open" } catch { return "closed" }`,
        `127.0.0.1:${canary.port}`,
      );
      assert.equal(outcome, "closed", `${name} must be refused`);
    }
    assert.deepEqual(canary.seen, []);
  } finally {
    await canary.stop();
  }
});

windowTest("no text becomes code in the page (TAU-1)", async ({ app }) => {
  await app.open();
  const outcome = await app.runAsync(`
    const found = {};
    try { found.eval = (0, eval)("1 + 1") } catch { found.eval = "refused" }
    try { found.function = new Function("return 2")() } catch { found.function = "refused" }
    window.inlined = 0;
    const script = document.createElement("script");
    script.textContent = "window.inlined = 1";
    document.head.append(script);
    const box = document.createElement("div");
    document.body.append(box);
    box.insertAdjacentHTML("beforeend", "<img src='x:' onerror='window.inlined = 2'><button onclick='window.inlined = 3'>x</button>");
    box.querySelector("button").click();
    const link = document.createElement("a");
    link.href = "javascript:window.inlined = 4";
    box.append(link);
    link.click();
    const frames = [];
    for (const set of [(f) => (f.srcdoc = "<script>parent.inlined = 5<" + "/script>"), (f) => (f.src = "data:text/html,<script>parent.inlined = 6<" + "/script>")]) {
      const frame = document.createElement("iframe");
      set(frame);
      frames.push(new Promise((done) => { frame.onload = done; frame.onerror = done; }));
      box.append(frame);
    }
    const frame = new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    await Promise.race([Promise.all(frames), frame.then(() => new Promise((done) => setTimeout(done, 300)))]);
    box.remove();
    script.remove();
    found.inlined = window.inlined;
    return found;
  `);
  assert.deepEqual(outcome, { eval: "refused", function: "refused", inlined: 0 });
});

windowTest("the window shows the app and stays one window (TAU-4)", async ({ app }) => {
  const canary = await startCanary();
  const there = `http://127.0.0.1:${canary.port}/`;
  try {
    await app.open();
    const home = await app.driver.getCurrentUrl();
    const tries = {
      assign: "location.href = arguments[0]",
      "a link": "const a = document.createElement('a'); a.href = arguments[0]; document.body.append(a); a.click()",
      "a link to a new window":
        "const a = document.createElement('a'); a.href = arguments[0]; a.target = '_blank'; document.body.append(a); a.click()",
      "a form":
        "const f = document.createElement('form'); f.action = arguments[0]; f.method = 'post'; document.body.append(f); f.submit()",
      "window.open": "window.open(arguments[0])",
      "a refresh":
        "const m = document.createElement('meta'); m.httpEquiv = 'refresh'; m.content = `0;url=${arguments[0]}`; document.head.append(m)",
      "a file": "location.href = 'file:///etc/passwd'",
      "data as a page": "location.href = 'data:text/html,<title>canary</title>'",
    };
    for (const [name, script] of Object.entries(tries)) {
      await app.run(script, there);
      // A navigation that is let through has begun by the time the page has answered this.
      await app.runAsync("await new Promise((done) => setTimeout(done, 150))");
      assert.equal(await app.driver.getCurrentUrl(), home, `${name} must not leave the app`);
      assert.equal((await app.driver.getAllWindowHandles()).length, 1, `${name} must not open a window`);
      // On a click on a link WebKit opens a connection before it asks whether it may navigate, and sends nothing on it.
      const bare = name.startsWith("a link") ? ["connected"] : [];
      const reached = canary.seen.splice(0).filter((what) => !bare.includes(what));
      assert.deepEqual(reached, [], `${name} must not reach anyone`);
    }
    await app.ready();
  } finally {
    await canary.stop();
  }
});

// Commands of Tauri and its plugins that exist or might one day, none of which the page needs.
const UNLISTED = {
  "no_such_command": {},
  "plugin:fs|read_text_file": { path: "/etc/passwd" },
  "plugin:shell|execute": { program: "id", args: [] },
  "plugin:opener|open_url": { url: "https://example.com" },
  "plugin:http|fetch": { clientConfig: { url: "https://example.com", method: "GET" } },
  "plugin:webview|create_webview_window": { options: { label: "second", url: "https://example.com" } },
  "plugin:window|close": { label: "main" },
  "plugin:window|create": { options: { label: "second" } },
  "plugin:app|version": {},
  "plugin:path|resolve_directory": { directory: 1 },
  "plugin:event|emit": { event: "made-up", payload: null },
};

windowTest("the page can call listed commands alone (TAU-2)", async ({ app }) => {
  await app.open();
  for (const [command, payload] of Object.entries(UNLISTED)) {
    const outcome = await app.runAsync(
      "try { return { value: (await window.__TAURI_INTERNALS__.invoke(args[0], args[1])) ?? null } } catch (error) { return { refused: String(error?.message ?? error) } }",
      command,
      payload,
    );
    assert.ok("refused" in outcome, `${command} must be refused, yet answered ${JSON.stringify(outcome.value)}`);
    assert.match(outcome.refused, /not allowed|not found/i, `${command} must be refused by the command list`);
  }
  await app.ready();
});
