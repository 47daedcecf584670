import { cpSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LLMock } from "@copilotkit/aimock";
import { App } from "../harness/app.mjs";
import { startDisplay } from "../harness/display.mjs";
import { binary } from "../harness/scene.mjs";

/**
 * Plays an act `{ play(app, camera, mock), sample?, env?, prepare?(dataDir), ready? }` in a window of its own. `sample`
 * names a data folder as the program `sample` fills it; the folder of the act has the same name at every run, so that
 * its pictures do not change with it.
 */
export async function perform(act, camera, sample) {
  const home = join(tmpdir(), "parlance");
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { mode: 0o700 });
  const display = await startDisplay();
  const mock = new LLMock({ port: 0, host: "127.0.0.1" });
  await mock.start();
  if (act.sample) cpSync(sample, join(home, "data"), { recursive: true });
  act.prepare?.(join(home, "data"));
  const app = new App({
    binary,
    home,
    display: display.display,
    env: { SAMPLE_KEY: "a-key-for-pictures", ...act.env },
  });
  try {
    await app.open({ ready: act.ready ?? true });
    await camera.rest(app);
    await act.play(app, camera, mock);
  } catch (error) {
    await app.screenshot(`broken-${act.name}`).catch(() => undefined);
    throw error;
  } finally {
    await app.kill();
    await mock.stop();
    await display.stop();
    rmSync(home, { recursive: true, force: true });
  }
}
