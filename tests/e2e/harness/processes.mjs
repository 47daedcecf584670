import { readFileSync, readdirSync, readlinkSync } from "node:fs";

const orNull = (read) => {
  try {
    return read();
  } catch {
    return null; // the process has ended meanwhile
  }
};

/** All processes below `pid`, itself included: [{ pid, name, exe }]. */
export function tree(pid) {
  const parents = new Map();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = orNull(() => readFileSync(`/proc/${entry}/stat`, "utf8"));
    // The name stands in brackets and may hold spaces: count from the last bracket.
    const parent = stat && Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    if (parent !== null) parents.set(parent, [...(parents.get(parent) ?? []), Number(entry)]);
  }
  const found = [];
  const walk = (id) => {
    const name = orNull(() => readFileSync(`/proc/${id}/comm`, "utf8").trim());
    if (name === null) return;
    found.push({ pid: id, name, exe: orNull(() => readlinkSync(`/proc/${id}/exe`)) });
    for (const child of parents.get(id) ?? []) walk(child);
  };
  walk(pid);
  return found;
}

/** Is the process there and not a zombie? */
export function isAlive(pid) {
  const stat = orNull(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  return stat !== null && !/\) [ZX] /.test(stat);
}

/** Proportional set size in bytes: shared pages are divided among the processes that share them. */
export function proportionalMemory(pid) {
  const rollup = orNull(() => readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? "";
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
}

/** Resident memory of one process in bytes. */
export function residentMemory(pid) {
  const status = orNull(() => readFileSync(`/proc/${pid}/status`, "utf8")) ?? "";
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}
