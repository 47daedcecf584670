import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { Builder, By, Capabilities } from "selenium-webdriver";
import { isAlive, tree } from "./processes.mjs";

/** Where screenshots and logs go. */
export const results = process.env.PARLANCE_TEST_RESULTS ?? join(import.meta.dirname, "..", "..", "..", "test-results");

/** How long to wait for something that must happen; a slow machine needs it, a broken app uses it up. */
export const PATIENCE = Number(process.env.PARLANCE_TEST_PATIENCE_MS ?? 30_000);

/** Polls until `check` returns something truthy, which is returned; throws with `what` when the time is up. */
export async function until(what, check, limit = PATIENCE) {
  const end = Date.now() + limit;
  let last;
  for (;;) {
    try {
      const value = await check();
      if (value) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`waited ${limit} ms in vain for: ${what}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** The app under test in a window of its own, driven through WebDriver. */
export class App {
  #host;
  #opened = 0;

  /**
   * `binary` is the app, `program` what starts it (the app itself unless told otherwise), `home` a folder of this test (data, caches and configuration go there), `display` like ":7",
   * `wrap` a command that the whole of driver and app is started through (for example `unshare`), `keyring` the
   * passphrase of a keyring of this test that is unlocked before the app starts; `stuckKeyring` puts one there whose
   * prompt is never answered. Without either there is no keyring.
   */
  constructor({ binary, program = binary, home, display, env = {}, wrap = [], keyring = "", stuckKeyring = false }) {
    Object.assign(this, { binary, program, home, display, env, wrap, keyring, stuckKeyring, dataDir: join(home, "data") });
  }

  /** Starts the app and waits until its page says that it can be used. */
  async open({ ready = true } = {}) {
    const port = await freePort();
    const native = await freePort();
    this.#opened += 1;
    mkdirSync(this.dataDir, { recursive: true, mode: 0o700 });
    const driver = ["tauri-driver", "--port", String(port), "--native-port", String(native)];
    // The bus starts no service by itself: what keyring there is, this test has brought.
    const bus = ["dbus-run-session", `--config-file=${join(import.meta.dirname, "bus.conf")}`, "--"];
    const session = ["sh", join(import.meta.dirname, "session.sh")];
    const [command, ...args] = [...this.wrap, ...bus, ...session, ...driver];
    this.#host = spawn(command, args, { env: this.#environment(), stdio: ["ignore", "pipe", "pipe"], detached: true });
    this.log = join(this.home, `app-${this.#opened}.log`);
    const log = createWriteStream(this.log);
    this.#host.stdout.pipe(log, { end: false });
    this.#host.stderr.pipe(log, { end: false });
    const capabilities = new Capabilities();
    capabilities.setBrowserName("wry");
    capabilities.set("tauri:options", { application: this.program });
    const url = `http://127.0.0.1:${port}/`;
    await until("tauri-driver to listen", async () => {
      if (this.#host.exitCode !== null) return true;
      return (await fetch(`${url}status`).catch(() => null)) !== null;
    });
    if (this.#host.exitCode !== null) throw new Error(`tauri-driver did not start; see ${this.log}`);
    this.driver = await new Builder().withCapabilities(capabilities).usingServer(url).build();
    await this.driver.manage().setTimeouts({ script: PATIENCE, pageLoad: PATIENCE });
    if (ready) await this.ready();
    return this;
  }

  #environment() {
    const folder = (name) => join(this.home, name);
    return {
      PATH: process.env.PATH,
      LANG: "C.UTF-8",
      HOME: this.home,
      XDG_DATA_HOME: folder("share"),
      XDG_CONFIG_HOME: folder("config"),
      XDG_CACHE_HOME: folder("cache"),
      XDG_RUNTIME_DIR: this.#runtimeDir(),
      DISPLAY: this.display,
      GDK_BACKEND: "x11",
      NO_AT_BRIDGE: "1",
      LIBGL_ALWAYS_SOFTWARE: "1",
      PARLANCE_DATA_DIR: this.dataDir,
      RUST_BACKTRACE: "1",
      KEYRING_PASSPHRASE: this.keyring,
      STUCK_KEYRING: this.stuckKeyring ? join(dirname(this.binary), "stuck_keyring") : "",
      ...this.env,
    };
  }

  #runtimeDir() {
    const folder = join(this.home, "run");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  /** Waits until the composer, or the first-run screen, can be used. */
  async ready() {
    await until("the page to be ready", () =>
      this.run(
        "return document.documentElement.dataset.ready === 'true' || Boolean(document.querySelector('[data-testid=\"skip-onboarding\"]'))",
      ),
    );
  }

  /** Runs JavaScript in the page and returns its value. */
  run(script, ...args) {
    return this.driver.executeScript(script, ...args);
  }

  /** Runs the body of an async function in the page and returns what it resolves to. */
  async runAsync(body, ...args) {
    const outcome = await this.driver.executeAsyncScript(
      `const done = arguments[arguments.length - 1];
       (async (...args) => { ${body} })(...[...arguments].slice(0, -1))
         .then((value) => done({ value }), (error) => done({ error: String(error?.stack ?? JSON.stringify(error)) }));`,
      ...args,
    );
    if (outcome.error !== undefined) throw new Error(`in the page: ${outcome.error}`);
    return outcome.value;
  }

  /** The first visible element with this test id; waits for it. */
  find(id) {
    return until(`an element "${id}" on the screen`, async () => {
      for (const element of await this.all(id)) if (await element.isDisplayed()) return element;
      return null;
    });
  }

  all(id) {
    return this.driver.findElements(By.css(`[data-testid="${id}"]`));
  }

  /** Clicks once the element can be clicked: a list that is still being drawn moves away under the pointer. */
  async click(id) {
    await until(`"${id}" to take a click`, async () => {
      await (await this.find(id)).click();
      return true;
    });
  }

  /** Replaces the text of a field by typing. */
  async type(id, text) {
    const field = await this.find(id);
    await field.clear();
    await field.sendKeys(text);
  }

  /** Types a message and sends it. */
  async send(text) {
    await this.type("composer", text);
    await this.click("send");
  }

  /** The texts on the screen of all elements with this test id, in order, read in one go. */
  texts(id) {
    return this.run(
      "return [...document.querySelectorAll(`[data-testid=\"${arguments[0]}\"]`)].map((element) => element.innerText)",
      id,
    );
  }

  /** Waits until the one text of the last element with this id satisfies `check`; returns the text. */
  async lastText(id, what, check, limit = PATIENCE) {
    let seen = [];
    try {
      return await until(
        what,
        async () => {
          seen = await this.texts(id);
          return seen.length > 0 && check(seen.at(-1)) ? seen.at(-1) : null;
        },
        limit,
      );
    } catch (error) {
      throw new Error(`${error.message}; the last "${id}" reads: ${JSON.stringify(seen.at(-1)?.slice(0, 400))}`, { cause: error });
    }
  }

  /** The processes of the app: its own first, then those of the web view. */
  processes() {
    if (!this.#host?.pid) return [];
    const own = tree(this.#host.pid).find(({ exe }) => exe === this.binary);
    return own ? tree(own.pid) : [];
  }

  /** Process id of the app itself. */
  get pid() {
    return this.processes()[0]?.pid;
  }

  /** Process id of the process that runs the page. */
  get pagePid() {
    return this.processes().find(({ name }) => name.startsWith("WebKitWebProces"))?.pid;
  }

  /**
   * Kills the process that runs the page. The driver is stopped before: it ends the whole app when a page crashes. The
   * window cannot be driven afterwards, until the app has been opened again.
   */
  killPage() {
    const { pagePid } = this;
    const driver = tree(this.#host.pid).find(({ name }) => name === "WebKitWebDriver");
    process.kill(driver.pid, "SIGSTOP");
    process.kill(pagePid, "SIGKILL");
    this.driver = undefined;
    return until("a new process for the page", () => this.pagePid && this.pagePid !== pagePid);
  }

  /** Saves what the window shows. */
  async screenshot(name, folder = join(results, "screenshots")) {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${name}.png`);
    writeFileSync(file, Buffer.from(await this.driver.takeScreenshot(), "base64"));
    return file;
  }

  /** Asks the app to end, as a logout does, and waits until its processes are gone. */
  async quit() {
    const pids = this.processes().map(({ pid }) => pid);
    if (pids.length > 0) process.kill(pids[0], "SIGTERM");
    await until("the app to end", () => !pids.some(isAlive));
    await this.#endHost();
  }

  /** Ends everything at once, whatever state it is in. */
  async kill() {
    for (const { pid } of this.processes()) endQuietly(pid);
    await this.#endHost();
  }

  async #endHost() {
    const host = this.#host;
    if (!host) return;
    this.#host = undefined;
    const below = tree(host.pid).map(({ pid }) => pid);
    const ended = host.exitCode !== null || host.signalCode !== null ? null : once(host, "exit");
    for (const pid of below.toReversed()) endQuietly(pid);
    await ended;
  }
}

function endQuietly(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended by itself
  }
}
