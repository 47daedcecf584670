import { By, Key } from "selenium-webdriver";
import { MODEL } from "./scene.mjs";
import { until } from "./app.mjs";

const NAME = "House server";

/** On the first-run screen: adds the mock as an OpenAI-compatible address. */
export async function connectMock(app, mock) {
  await app.click("connect-by-address");
  await app.find("provider-form");
  await app.driver.findElement(By.css('[data-testid="provider-vendor"] option[value="openai-compatible"]')).click();
  await fillProvider(app, `${mock.url}/v1`);
  await until("the check to succeed", async () => {
    const result = await app.find("provider-check-result");
    return (await result.getAttribute("data-ok")) === "true";
  });
}

/** On the first-run screen: adds the mock and goes on to a chat with its model. */
export async function addMock(app, mock) {
  await connectMock(app, mock);
  await app.click("start-chatting");
  await chooseModel(app, MODEL);
}

/** Fills and saves the open form of a provider. */
export async function fillProvider(app, url, key) {
  await app.type("provider-name", NAME);
  await app.type("provider-url", url);
  if (key !== undefined) await app.type("provider-key", key);
  await app.click("provider-save");
}

/** On the first-run screen: leaves it, and adds a provider with a key for a server. */
export async function addWithKey(app, server, key) {
  await app.click("skip-onboarding");
  await app.click("nav-providers");
  await app.click("add-provider");
  await app.find("provider-form");
  await app.driver.findElement(By.css('[data-testid="provider-vendor"] option[value="openai"]')).click();
  await app.click("another-address");
  await fillProvider(app, `${server.url}/v1`, key);
}

/** Opens the model picker in the chat and takes the model with this name. */
export async function chooseModel(app, model) {
  await app.click("model-chip");
  await app.find("model-picker");
  await until(`the model ${model} in the picker`, async () => {
    for (const option of await app.all("model-option")) {
      if ((await option.getAttribute("data-model")) !== model) continue;
      await option.click();
      return true;
    }
    return false;
  });
  await until("the picker to close", async () => (await app.all("model-picker")).length === 0);
}

/** Leaves the first-run screen for the scripted demo. */
export async function openDemo(app) {
  await app.click("open-demo");
  await app.find("demo-banner");
}

/** Waits until no reply runs in the open chat. */
export function settled(app, limit) {
  return until("the reply to settle", async () => (await app.all("stop")).length === 0, limit);
}

/** Presses keys wherever the focus is. */
export const press = (app, ...keys) =>
  app.driver
    .actions()
    .sendKeys(...keys)
    .perform();

/** Presses a key while others are held. */
export async function chord(app, held, key) {
  let actions = app.driver.actions();
  for (const one of held) actions = actions.keyDown(one);
  actions = actions.sendKeys(key);
  for (const one of held.toReversed()) actions = actions.keyUp(one);
  await actions.perform();
}

/** Closes what is nearest with Escape. */
export const escape = (app) => press(app, Key.ESCAPE);

/** Waits until nothing with this test id is left. */
export const gone = (app, id) => until(`"${id}" to go`, async () => (await app.all(id)).length === 0);

/** Presses the first button or item of a menu on the screen whose name or text holds these words. */
export const clickNamed = (app, name, inside = "body") =>
  until(`"${name}" to take a click`, () =>
    app.run(
      `const within = [...document.querySelectorAll(arguments[1])].at(-1);
       const named = [...(within?.querySelectorAll('button, a, [role="menuitem"], [role="link"]') ?? [])].find((one) =>
         one.checkVisibility() && ((one.getAttribute('aria-label') ?? '') + ' ' + one.innerText).includes(arguments[0]));
       named?.click();
       return named !== undefined`,
      name,
      inside,
    ),
  );

/** A square in a picture of 24 by 24. */
const PICTURE =
  "iVBORw0KGgoAAAANSUhEUgAAABgAAAAYAQAAAADIDABVAAAAFklEQVQI12P4//8/AzL+wMBPEUYzDwCHWSfZ1cafRQAAAABJRU5ErkJggg==";

/**
 * Lets files fall into the window: `[{ name, type, text }]`, a PNG picture where there is no text. Gives what the window
 * said while they were over it: a drag that rests there goes on being told, as from a hand, and ends where it is not.
 */
export const dropFiles = (app, files, { drop = true } = {}) =>
  app.runAsync(
    `const data = new DataTransfer();
     for (const { name, type, text } of args[0]) {
       const content = text ?? Uint8Array.from(atob(args[2]), (character) => character.charCodeAt(0));
       data.items.add(new File([content], name, { type }));
     }
     const over = document.querySelector('[data-region="main"]');
     const fire = (kind) => over.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
     fire("dragenter");
     let seen = "";
     for (let told = 0; seen === "" && told < 200; told += 1) {
       fire("dragover");
       await new Promise((done) => setTimeout(done, 50));
       seen = document.querySelector('[data-testid="drop-overlay"]')?.innerText ?? "";
     }
     if (args[1]) fire("drop");
     return seen;`,
    files,
    drop,
    PICTURE,
  );
