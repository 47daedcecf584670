import assert from "node:assert/strict";
import { chmodSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "../harness/app.mjs";
import { MODEL, windowTest } from "../harness/scene.mjs";
import { addMock, openDemo, settled } from "../harness/ways.mjs";

test("there is no network here but loopback", () => {
  assert.deepEqual(Object.keys(networkInterfaces()), ["lo"]);
});

/** The app under strace, which writes every connect of every process into files of `folder`. */
function traced(app, folder) {
  const program = join(folder, "traced");
  writeFileSync(program, `#!/bin/sh\nexec strace -ff -qq -e trace=connect -o '${folder}/connects' '${app.binary}' "$@"\n`);
  chmodSync(program, 0o755);
  app.program = program;
}

function connects(folder) {
  return readdirSync(folder)
    .filter((name) => name.startsWith("connects."))
    .flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"))
    .filter((line) => line.includes("sa_family=AF_INET"));
}

const isLoopback = (line) => /inet_addr\("127\.|inet_pton\(AF_INET6, "(::1|::ffff:127\.)/.test(line);

windowTest("without a network the demo answers, and nothing but loopback is asked for", async ({ app, home }) => {
  traced(app, home);
  await app.open();
  await openDemo(app);
  await app.send("Hello");
  await app.lastText("message-assistant", "the demo to answer", (text) => text.length > 20);
  await settled(app);
  await app.quit();
  // WebDriver itself speaks to the web view over loopback; nothing else may show up.
  assert.deepEqual(connects(home).filter((line) => !isLoopback(line)), []);
});

windowTest("a server on this computer works without a network", async ({ app, mock }) => {
  mock.on({ userMessage: "Hello", model: MODEL }, { content: "Hello from this computer." });
  await app.open();
  await addMock(app, mock);
  await app.send("Hello");
  await app.lastText("message-assistant", "the answer", (text) => text.includes("Hello from this computer."));
});
