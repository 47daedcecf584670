import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { until } from "../harness/app.mjs";

const THEMES = ["light", "dark"];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core calls these is a bar that some people cannot pass. */
const SERIOUS = ["serious", "critical"];

/**
 * Goes through the states of the window. Each is shown in both themes and every size (the first is the one the app is
 * used in), kept as a picture in `folder` if there is one, and looked over by axe-core; `found` collects what is wrong.
 */
export class Camera {
  found = [];
  seen = [];

  constructor({ folder, sizes, only = [] }) {
    Object.assign(this, { folder, sizes, only });
  }

  /** Shows the present state. `prepare(narrow)` puts back what another size has put away. */
  async shoot(app, name, prepare) {
    if (this.only.length > 0 && !this.only.includes(name)) return;
    this.seen.push(name);
    for (const [width, height] of this.sizes) {
      await this.resize(app, width, height);
      await prepare?.(width < 1200);
      for (const theme of THEMES) {
        await app.run("document.documentElement.dataset.theme = arguments[0]", theme);
        await painted(app);
        if (this.folder) await app.screenshot(`${name}-${width}-${theme}`, this.folder);
        this.found.push(...(await violations(app, `${name}, ${width}, ${theme}`)));
      }
    }
    await this.rest(app);
    await prepare?.(false);
  }

  /** Back to the size the app is used in. */
  async rest(app) {
    await this.resize(app, ...this.sizes[0]);
  }

  async resize(app, width, height) {
    await app.driver.manage().window().setRect({ x: 0, y: 0, width, height });
    await until("the page to have that size", () => app.run("return innerWidth === arguments[0]", width));
    await painted(app);
  }
}

/**
 * Two frames later, and when what moves has come to rest: text that fades in is too pale to be judged. What is folded
 * away never comes to rest, nor is it seen. Asked again where the driver loses the answer, as it may while the window
 * changes its size.
 */
const painted = (app) =>
  until("the page to be painted", () =>
    app.runAsync(
      `const frame = () => new Promise((done) => requestAnimationFrame(done));
     await frame();
     const finite = document.getAnimations().filter((one) =>
       one.effect?.getComputedTiming().endTime < 5000 && one.effect.target?.checkVisibility());
     await Promise.allSettled(finite.map((one) => one.finished));
     await frame();
     return true;`,
    ),
  );

/** What axe-core finds in the page, each as a line. */
async function violations(app, where) {
  if (!(await app.run("return Boolean(window.axe)"))) await app.driver.executeScript(AXE);
  const found = await app.runAsync(
    `const { violations } = await axe.run(document, { resultTypes: ["violations"] });
     return violations.map(({ id, impact, nodes }) => ({ id, impact, at: nodes.map(({ target }) => target.join(" ")) }));`,
  );
  return found
    .filter(({ impact }) => SERIOUS.includes(impact))
    .map(({ id, impact, at }) => `${where}: ${id} (${impact}) at ${at.join(" | ")}`);
}
