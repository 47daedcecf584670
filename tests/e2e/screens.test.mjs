import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { binary } from "./harness/scene.mjs";
import { Camera } from "./screens/camera.mjs";
import { acts as compare } from "./screens/compare.mjs";
import { acts as fresh } from "./screens/fresh.mjs";
import { acts as lived } from "./screens/lived.mjs";
import { perform } from "./screens/stage.mjs";

let folder;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "parlance-sample-"));
  execFileSync(join(dirname(binary), "sample"), [join(folder, "data")]);
});
after(() => rmSync(folder, { recursive: true, force: true }));

for (const act of [...fresh, ...lived, ...compare]) {
  test(
    `axe-core finds nothing serious in any state of "${act.name}", light and dark`,
    { timeout: 300_000 },
    async () => {
      const camera = new Camera({ sizes: [[1440, 900]] });
      await perform(act, camera, join(folder, "data"));
      assert.ok(camera.seen.length > 0, "an act shows something");
      assert.deepEqual(camera.found, []);
    },
  );
}
