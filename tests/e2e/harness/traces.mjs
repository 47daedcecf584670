import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const WINDOW = 8;

/** Every form in which any eight characters of a secret could stand somewhere: as they are, in UTF-16, in base64. */
export function traces(secret) {
  const found = new Set();
  for (let at = 0; at + WINDOW <= secret.length; at += 1) {
    const piece = secret.slice(at, at + WINDOW);
    found.add(piece);
    found.add(Buffer.from(piece, "utf16le").toString("latin1"));
  }
  // Base64 looks different by where the secret begins in a group of three; its edges depend on what stands beside it.
  for (const shift of [0, 1, 2]) {
    const coded = Buffer.from("\0".repeat(shift) + secret).toString("base64").replaceAll("=", "").slice(4, -4);
    for (let at = 0; at + WINDOW + 3 <= coded.length; at += 4) found.add(coded.slice(at, at + WINDOW + 3));
  }
  return [...found];
}

/** The first trace of the secret in a text or in bytes; null where there is none. */
export function traceIn(content, pieces) {
  const text = typeof content === "string" ? content : content.toString("latin1");
  return pieces.find((piece) => text.includes(piece)) ?? null;
}

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (entry.isFile()) yield path;
  }
}

/** The files below a folder with a trace of the secret in them, and how many files and bytes were read. */
export function searchFiles(folder, pieces) {
  const hits = [];
  let read = 0;
  let bytes = 0;
  for (const file of files(folder)) {
    const content = readFileSync(file);
    read += 1;
    bytes += statSync(file).size;
    if (traceIn(content, pieces) !== null || traceIn(file, pieces) !== null) hits.push(file);
  }
  return { hits, read, bytes };
}

/** Processes with a trace of the secret in their environment or arguments. */
export function searchProcesses(processes, pieces) {
  const told = (pid, what) => readFileSync(`/proc/${pid}/${what}`);
  return processes.filter(({ pid }) => ["environ", "cmdline"].some((what) => traceIn(told(pid, what), pieces) !== null));
}
