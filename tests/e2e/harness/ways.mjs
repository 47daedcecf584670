import { By } from "selenium-webdriver";
import { MODEL } from "./scene.mjs";
import { until } from "./app.mjs";

/** From the first-run screen to a chat with the mock as an OpenAI-compatible provider. */
export async function addMock(app, mock, { name = "House server" } = {}) {
  await app.click("add-provider");
  await fillProvider(app, { url: `${mock.url}/v1`, name });
  await chooseModel(app, MODEL);
}

/** Fills and saves the form of an OpenAI-compatible provider. */
export async function fillProvider(app, { url, name }) {
  const vendor = await app.find("provider-vendor");
  await vendor.findElement(By.css('option[value="openai-compatible"]')).click();
  await app.type("provider-name", name);
  await app.type("provider-url", url);
  await app.click("provider-save");
}

/** Opens the model picker in the chat and takes the model with this name. */
export async function chooseModel(app, model) {
  await app.click("nav-chat");
  await app.click("model-chip");
  await app.find("model-picker");
  await until(`the model ${model} in the picker`, async () => {
    for (const option of await app.all("model-option")) {
      if (!(await option.getText()).includes(model)) continue;
      await option.click();
      return true;
    }
    return false;
  });
}

/** Leaves the first-run screen for the scripted demo. */
export async function openDemo(app) {
  await app.click("open-demo");
  await app.find("demo-banner");
}
