import { By } from "selenium-webdriver";
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
export async function fillProvider(app, url) {
  await app.type("provider-name", NAME);
  await app.type("provider-url", url);
  await app.click("provider-save");
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
