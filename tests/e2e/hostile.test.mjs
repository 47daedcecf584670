import assert from "node:assert/strict";
import { until } from "./harness/app.mjs";
import { commands } from "./harness/commands.mjs";
import { windowTest } from "./harness/scene.mjs";
import { integrity, rows } from "./harness/store.mjs";

// Written in the page, because some of it (NaN, 12 MB, deep nesting) does not cross WebDriver as it is.
const VALUES = `({
  null: null,
  "a boolean": true,
  "a number": -1,
  "a fraction": 0.5,
  "a huge number": 1e308,
  "not a number": NaN,
  "an empty string": "",
  "an unknown id": "999999999",
  "an id too big for an integer": "99999999999999999999999999",
  "SQL": "1; DROP TABLE message; --",
  "a path": "../../../../etc/passwd",
  "text with a zero": "a\\u0000b",
  "half a surrogate pair": "\\ud800",
  "12 MB of text": "x".repeat(12 << 20),
  "an empty list": [],
  "a long list": Array.from({ length: 20000 }, () => ({})),
  "an empty object": {},
  "an object with a trap": JSON.parse('{"__proto__":{"a":1},"constructor":1,"toString":null}'),
  "nested lists": JSON.parse("[".repeat(100) + "]".repeat(100)),
  "lists nested too deep": JSON.parse("[".repeat(5000) + "]".repeat(5000)),
})`;

// One command with one value in every argument; each argument alone as well, the others being plausible.
const CALL = `
  const [command, names, kind] = args;
  const value = (${VALUES})[kind];
  const outcomes = [];
  const shapes = [Object.fromEntries(names.map((name) => [name, value]))];
  if (kind === "null") shapes.push({}, { unexpected: 1 });
  for (const name of names) shapes.push({ ...Object.fromEntries(names.map((other) => [other, "1"])), [name]: value });
  for (const shape of shapes) {
    try {
      await window.__TAURI_INTERNALS__.invoke(command, shape);
      outcomes.push("answered");
    } catch (error) {
      const typed = error !== null && typeof error === "object" && !(error instanceof Error) && typeof error.code === "string";
      outcomes.push(typed ? "typed" : "untyped: " + String(error?.message ?? error).slice(0, 300));
    }
  }
  return outcomes;
`;

// Tauri itself refuses, in words of its own, what is no JSON and what is no channel: no command runs, and the page's
// bridge gives it the code `bridge`. Everything else must be refused by us, with a code.
const BY_TAURI = [
  /^invalid args `frames` for command `attach`: /,
  /^invalid channel value /,
  /^(recursion limit exceeded|unexpected end of hex escape|lone (leading|trailing) surrogate).* at line 1 column \d+$/,
];

const KINDS = [...VALUES.matchAll(/^ {2}"?([^":]+)"?:/gm)].map(([, kind]) => kind);

// They end the demo's or the page's own state, which the other calls need; they take no arguments to abuse.
const SWITCHES = new Set(["open_demo", "leave_demo"]);

windowTest(
  "every command answers hostile input with a typed error, and the app lives on (TAU-7)",
  async ({ app }) => {
    await app.open();
    const { pid, pagePid } = app;
    const before = (await rows(app.dataDir, "SELECT count(*) AS n FROM message"))[0].n;
    const bad = [];
    const all = commands().filter(({ name }) => !SWITCHES.has(name));
    for (const { name, args } of all) {
      let refused = 0;
      for (const kind of KINDS) {
        const outcomes = await app.runAsync(CALL, name, args, kind);
        for (const outcome of outcomes) {
          if (outcome === "answered") continue;
          refused += 1;
          const byTauri = BY_TAURI.some((words) => words.test(outcome.replace(/^untyped: /, "")));
          if (outcome !== "typed" && !byTauri) bad.push(`${name}, ${kind}: ${outcome}`);
        }
      }
      if (args.length > 0 && refused === 0) bad.push(`${name} refused nothing at all`);
    }
    assert.deepEqual([...new Set(bad)], []);
    assert.equal(app.pid, pid, "the app is the same process");
    assert.equal(app.pagePid, pagePid, "and so is its page");
    assert.equal((await rows(app.dataDir, "SELECT count(*) AS n FROM message"))[0].n, before, "no message came of it");
    assert.equal(await integrity(app.dataDir), "ok");
    await app.driver.navigate().refresh();
    await app.ready();
    await until("the app to answer", () =>
      app.runAsync("return Boolean(await window.__TAURI_INTERNALS__.invoke('bootstrap'))"),
    );
  },
  // A hundred commands, each with every kind of nonsense in every place.
  { timeout: 480_000 },
);
