import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { searchFiles, searchProcesses, traceIn, traces } from "./traces.mjs";

/** A key that stands nowhere else: any eight characters of it give it away. */
export const canary = () => randomBytes(30).toString("base64url").replaceAll(/[-_]/g, "x");

/** Keeps every answer of a command in the page from now on. */
export function recordAnswers(app) {
  return app.run(`
    const real = window.fetch;
    window.__answers = [];
    window.fetch = async (...request) => {
      const answer = await real(...request);
      answer.clone().text().then((text) => window.__answers.push(text), () => {});
      return answer;
    };
  `);
}

/** All that the page holds: its elements with their values, its storage, its title, the answers it got. */
async function heldByPage(app) {
  const held = await app.run(`return {
    page: document.documentElement.outerHTML,
    values: [...document.querySelectorAll("input, textarea")].map((field) => field.value).join("\\n"),
    storage: JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }),
    place: location.href + document.title + JSON.stringify(history.state),
    answers: window.__answers.join("\\n"),
  }`);
  assert.ok(held.answers.length > 100, "the answers of commands were recorded");
  return held;
}

/** KEY-7: nothing but the request itself may hold the key. */
export async function assertUnseen(app, ...keys) {
  const pieces = keys.flatMap((key) => traces(key));
  for (const [where, text] of Object.entries(await heldByPage(app))) assert.equal(traceIn(text, pieces), null, where);
  assert.deepEqual(searchProcesses(app.processes(), pieces), [], "environments and arguments of the app's processes");
}

/** The same for all that was left on the disk, after a look at a file that does hold it. */
export function assertNotOnDisk(home, key) {
  const pieces = traces(key);
  const planted = join(home, "planted");
  for (const [form, content] of [
    ["plain", key.slice(5, 20)],
    ["UTF-16", Buffer.from(key, "utf16le")],
    ["base64", Buffer.from(`x${key}`).toString("base64")],
  ]) {
    writeFileSync(planted, content);
    assert.deepEqual(searchFiles(home, pieces).hits, [planted], `a planted ${form} copy is found`);
  }
  rmSync(planted);
  const { hits, read, bytes } = searchFiles(home, pieces);
  console.log(`searched ${read} files, ${bytes} bytes, for ${pieces.length} pieces of the key`);
  assert.ok(read > 10);
  assert.deepEqual(hits, []);
}
