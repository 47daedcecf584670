import { cpSync } from "node:fs";
import { inWindow } from "../harness/scene.mjs";

/**
 * Plays an act `{ name, play(app, camera, mock), sample?, env?, prepare?(dataDir, mock), ready? }` in a window of its own.
 * `sample` names a data folder as the program `sample` fills it.
 */
export function perform(act, camera, sample) {
  const play = async ({ app, mock }) => {
    if (act.sample) cpSync(sample, app.dataDir, { recursive: true });
    act.prepare?.(app.dataDir, mock);
    await app.open({ ready: act.ready ?? true });
    await camera.rest(app);
    await act.play(app, camera, mock);
  };
  return inWindow(act.name, play, { env: { SAMPLE_KEY: "a-key-for-pictures", ...act.env } });
}
