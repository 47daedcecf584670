import { Key } from "selenium-webdriver";
import { until } from "./app.mjs";
import { chord, press } from "./ways.mjs";

/** Opens the comparison that is not begun. */
export async function openCompare(app) {
  await chord(app, [Key.CONTROL], "2");
  await app.find("compare-composer");
  await until("a column that is suggested", async () => (await lanes(app)).length > 0);
}

/** Goes from one thing to the next with Tab until one that matches, and has these words, has the focus. */
export const tabToOne = (app, selector, words = "") =>
  until(`Tab to come to ${selector} ${words}`, async () => {
    for (let step = 0; step < 120; step += 1) {
      const there = await app.run(
        `const one = document.activeElement;
         return one.matches(arguments[0]) && ((one.getAttribute('aria-label') ?? '') + one.innerText).includes(arguments[1])`,
        selector,
        words,
      );
      if (there) return true;
      await press(app, Key.TAB);
    }
    return false;
  });

/** The same for one with this test id. */
export const tabTo = (app, id, words) => tabToOne(app, `[data-testid="${id}"]`, words);

/** Presses an arrow until the one with the focus matches. */
export const arrowTo = (app, key, selector) =>
  until(`arrows to come to ${selector}`, async () => {
    if (await app.run("return document.activeElement.matches(arguments[0])", selector)) return true;
    await press(app, key);
    return false;
  });

/** Tab to it, and Enter. */
export async function pressAt(app, id, words) {
  await tabTo(app, id, words);
  await press(app, Key.ENTER);
}

/** What each column says of itself, from the left. */
export const lanes = (app) =>
  app.run(
    `return [...document.querySelectorAll('[data-testid="lane"]')].map((lane) => ({
       name: lane.getAttribute('aria-label'), state: lane.dataset.state, text: lane.innerText,
     }))`,
  );

/** Waits until so many columns are in a state. */
export const inState = (app, state, count, limit) =>
  until(
    `${count} columns to be ${state}`,
    async () => (await lanes(app)).filter((lane) => lane.state === state).length === count,
    limit,
  );

/** Adds a column for each of these models that has none. */
export async function addLanes(app, models) {
  for (const model of models) {
    const before = await lanes(app);
    if (before.some(({ name }) => name.includes(model))) continue;
    await pressAt(app, "add-lane");
    await app.find("model-picker");
    await press(app, model);
    await until(`${model} to be found`, () =>
      app.run(
        `const found = [...document.querySelectorAll('[data-testid="model-option"]')];
         return found.length === 1 && found[0].dataset.model === arguments[0]`,
        model,
      ),
    );
    await press(app, Key.ENTER);
    await until(`a column for ${model}`, async () => (await lanes(app)).length === before.length + 1);
  }
}

/** Sends a prompt from the field of the comparison. */
export async function ask(app, text) {
  await app.run("document.querySelector('[data-testid=\"compare-composer\"]').focus()");
  await press(app, text, Key.ENTER);
}
