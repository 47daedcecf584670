import { execFile, execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const READ = `
import json, sqlite3, sys
base = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)
base.row_factory = sqlite3.Row
print(json.dumps([dict(row) for row in base.execute(sys.argv[2])]))
`;

const WRITE = `
import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
base.executescript("BEGIN;" + sys.stdin.read() + "COMMIT;")
`;

/** The store's file in a data folder. */
export function storeFile(dataDir) {
  const files = readdirSync(dataDir).filter((name) => /\.(sqlite3?|db)$/.test(name));
  if (files.length !== 1) throw new Error(`one store was expected in ${dataDir}, found: ${files.join(", ") || "none"}`);
  return join(dataDir, files[0]);
}

/** Reads rows from a store, from outside the app and also while it runs. */
export async function rows(dataDir, sql) {
  // Not the blocking form: the server that streams to the app lives in this process.
  const { stdout } = await run("python3", ["-c", READ, storeFile(dataDir), sql], { maxBuffer: 256 << 20 });
  return JSON.parse(stdout);
}

/** Runs statements on a store that no app has open. */
export function change(dataDir, sql) {
  execFileSync("python3", ["-c", WRITE, storeFile(dataDir)], { input: sql });
}

/** The assistant's messages, oldest first: [{ id, status, text }], where the text is all text parts in order. */
export function replies(dataDir) {
  return rows(
    dataDir,
    `SELECT m.id, m.status, coalesce((SELECT group_concat(text, '') FROM
       (SELECT text FROM part WHERE message_id = m.id AND kind = 'text' ORDER BY ordinal)), '') AS text
     FROM message m WHERE m.role = 'assistant' AND m.deleted_at IS NULL ORDER BY m.id`,
  );
}

/** SQLite's own word on the file. */
export async function integrity(dataDir) {
  return (await rows(dataDir, "PRAGMA integrity_check"))[0].integrity_check;
}
