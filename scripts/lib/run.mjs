import { spawn, spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { root } from "./paths.mjs";

/** A failure that is explained by its message alone: printed without a stack. */
export class Explained extends Error {}

// npm and npx are .cmd files on Windows, which only a shell starts.
const needsShell = (command) => process.platform === "win32" && ["npm", "npx"].includes(command);

/** Runs a command with the terminal attached; resolves to its exit code, 128 + n for a signal. */
export function attached(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit", shell: needsShell(command), ...options });
    // Ctrl-C reaches the child through the terminal; a signal sent to this process alone has to be passed on.
    const forward = (signal) => child.kill(signal);
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    for (const signal of signals) process.on(signal, forward);
    const done = () => signals.forEach((signal) => process.off(signal, forward));
    child.on("error", (error) => (done(), reject(error)));
    child.on("exit", (code, signal) => (done(), resolve(code ?? 128 + (SIGNAL_NUMBERS[signal] ?? 1))));
  });
}

const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };

/** Runs a command to its end and hands back everything it printed, in order; never throws for a failing command. */
export function captured(command, args, options = {}) {
  return new Promise((resolve) => {
    const chunks = [];
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      shell: needsShell(command),
      ...options,
    });
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.stderr.on("data", (chunk) => chunks.push(chunk));
    child.on("error", (error) => resolve({ code: 127, output: `${command}: ${error.message}\n` }));
    child.on("close", (code, signal) =>
      resolve({ code: code ?? 128 + (SIGNAL_NUMBERS[signal] ?? 1), output: Buffer.concat(chunks).toString("utf8") }),
    );
  });
}

/** What a command prints, or null when it is missing or fails. */
export function answer(command, args) {
  const done = spawnSync(command, args, { cwd: root, encoding: "utf8", shell: needsShell(command) });
  return done.status === 0 ? done.stdout.trim() : null;
}

/** Is this program on the PATH? */
export function onPath(program) {
  const probe = process.platform === "win32" ? ["where", [program]] : ["sh", ["-c", `command -v "${program}"`]];
  return answer(...probe) !== null;
}

/** The environment with a folder of programs put first on the PATH. */
export function withPath(folder, env = process.env) {
  return { ...env, PATH: `${join(folder)}${delimiter}${env.PATH ?? ""}` };
}

/** Runs the body of a command and turns its failure into a sentence and an exit code. */
export async function main(body) {
  try {
    process.exitCode = await body();
  } catch (error) {
    console.error(error instanceof Explained ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}
