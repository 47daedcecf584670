import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

// A network namespace of its own: no device but loopback, so nothing outside can be reached, not even by mistake.
test("the whole works in a network namespace without network (NET-21)", () => {
  const inside = join(import.meta.dirname, "offline", "inside.mjs");
  const env = { ...process.env };
  delete env.NODE_TEST_CONTEXT; // the inner run reports for itself
  const script = 'ip link set lo up && exec "$@"';
  const args = ["-rn", "sh", "-c", script, "sh", process.execPath, "--test", "--test-force-exit", "--test-reporter=tap", inside];
  const done = spawnSync("unshare", args, { encoding: "utf8", env });
  assert.equal(done.status, 0, `${done.stdout}${done.stderr}`);
  assert.match(done.stdout, /^# pass [1-9]/m);
});
