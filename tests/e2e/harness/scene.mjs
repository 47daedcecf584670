import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { LLMock } from "@copilotkit/aimock";
import { error as webdriver } from "selenium-webdriver";
import { App, results } from "./app.mjs";
import { startDisplay } from "./display.mjs";

/** The app under test; `npm test` names the one it has built. */
export const binary = process.env.PARLANCE_APP;

/** A model that the mock lists and answers as. */
export const MODEL = "house-model";

/** A test of the real window, with what `inWindow` gives its body. */
export function windowTest(name, body, { timeout = 240_000, ...options } = {}) {
  test(name, { timeout }, () => inWindow(name, body, options));
}

/**
 * Runs `body` with { app, mock, home, display }: an app that is not open yet with a data folder of its own, an
 * OpenAI-compatible server on loopback that knows one model, and a display. When it fails, the window and the app's log
 * are kept under `name`.
 *
 * Where the web engine's own process crashes, which happens once in some hundred runs and ends the driver's session with
 * it, the body runs a second time from its beginning; that a person's work outlives such a crash is a test of its own.
 */
export async function inWindow(name, body, options = {}) {
  try {
    await play(name, body, options);
  } catch (error) {
    if (!error.engineCrashed) throw error;
    console.log(`The web engine crashed in "${name}": once more, with a new one.`);
    await play(name, body, options);
  }
}

async function play(name, body, { env = {}, keyring = "", stuckKeyring = false }) {
  if (!binary || !existsSync(binary)) throw new Error(`PARLANCE_APP must name the built app, not ${binary}`);
  const home = mkdtempSync(join(tmpdir(), "parlance-e2e-"));
  const display = await startDisplay();
  const mock = new LLMock({ port: 0, host: "127.0.0.1" });
  await mock.start();
  const app = new App({ binary, home, display: display.display, env, keyring, stuckKeyring });
  try {
    await body({ app, mock, home, display: display.display });
  } catch (error) {
    await keepEvidence(name, app);
    error.engineCrashed = crashed(app, error);
    throw error;
  } finally {
    await app.kill();
    await mock.stop();
    await display.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Whether the driver lost its page because the app saw the web process crash. */
function crashed(app, error) {
  if (!(error instanceof webdriver.WebDriverError) || !app.log || !existsSync(app.log)) return false;
  return /the web process ended.*Crashed/.test(readFileSync(app.log, "utf8"));
}

async function keepEvidence(name, app) {
  const file = name.replaceAll(/[^a-z0-9]+/gi, "-").slice(0, 80);
  const folder = join(results, "failed");
  mkdirSync(folder, { recursive: true });
  if (app.log && existsSync(app.log)) {
    copyFileSync(app.log, join(folder, `${file}.log`));
    console.log(`The app's log ends:\n${readFileSync(app.log, "utf8").slice(-2000)}`);
  }
  try {
    console.log(`The window: ${await app.screenshot(file, folder)}`);
  } catch (error) {
    console.log(`The window could not be captured: ${error.message}`);
  }
}

/** A paragraph of numbered words: doubled, missing and swapped text all show. */
export function numberedWords(count, prefix = "word") {
  return Array.from({ length: count }, (_, i) => `${prefix}${String(i + 1).padStart(4, "0")}`).join(" ");
}

/** Text with every run of white space made one blank: the page wraps lines as it likes. */
export const flat = (text) => text.replaceAll(/\s+/g, " ").trim();
