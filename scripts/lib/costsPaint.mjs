import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spread } from "./measure.mjs";

const REQUESTS = 100_000;
const ROUNDS = 5;
/** From the press on "Costs" to its first sum. */
const MOST_MS = 300;

/** The Costs screen over a year of requests in the real window. Whether its first sum stands there in time. */
export async function costsPaint({ App, binary, display, fillYear, openCostsTimed, sample }) {
  const folder = mkdtempSync(join(tmpdir(), "parlance-year-"));
  try {
    const made = join(folder, "data");
    await sample(made);
    fillYear(made, REQUESTS);
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const home = mkdtempSync(join(tmpdir(), "parlance-costs-"));
      cpSync(made, join(home, "data"), { recursive: true });
      const app = new App({ binary, home, display, env: { SAMPLE_KEY: "a-key-of-this-bench" } });
      try {
        await app.open();
        rounds.push(await openCostsTimed(app));
      } finally {
        await app.kill();
        rmSync(home, { recursive: true, force: true });
      }
    }
    const first = spread(rounds.map((round) => round.first));
    const whole = spread(rounds.map((round) => round.whole));
    const words = ({ median, least, most }) => `${median.toFixed(0)} ms (${least.toFixed(0)} to ${most.toFixed(0)})`;
    console.log(
      `\ncosts, ${REQUESTS} requests, ${ROUNDS} starts: first sum ${words(first)}, at most ${MOST_MS} ms; all painted ${words(whole)}`,
    );
    return first.median <= MOST_MS;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
