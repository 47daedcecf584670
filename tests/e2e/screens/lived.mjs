// Acts of a person with some weeks of chats.
import { Key } from "selenium-webdriver";
import { until } from "../harness/app.mjs";
import { chord, clickNamed, escape, gone, press } from "../harness/ways.mjs";

async function openChat(app, title) {
  await clickNamed(app, title, '[data-testid="chat-list"]');
  await until(`the chat "${title}"`, async () => (await app.texts("message-assistant")).length > 0);
}

const toTop = (app) => app.run("document.querySelector('[role=\"log\"]').scrollTop = 0");

/** The list lies over the chat where there is no room beside it. */
async function withList(app, narrow) {
  if (narrow && (await app.all("chat-list")).length === 0) await clickNamed(app, "Show chats");
  await app.find("chat-list");
}

async function chat(app, camera) {
  await app.find("chat-item");
  await openChat(app, "Batching and tail latency");
  await camera.shoot(app, "chat-end");
  await toTop(app);
  await until("the formula", () => app.run("return document.querySelector('math') !== null"));
  await camera.shoot(app, "chat");
  await clickNamed(app, "Thought for");
  await camera.shoot(app, "reasoning");
  await clickNamed(app, "Thought for");
  await app.click("attempts-badge");
  await camera.shoot(app, "attempts");
  await escape(app);
  await chord(app, [Key.CONTROL], "f");
  await app.find("find-field");
  await press(app, "batch");
  await until("places in the chat", async () => /of \d/.test((await app.texts("find-count"))[0] ?? ""));
  await camera.shoot(app, "find");
  await escape(app);
  await gone(app, "find-field");
  await toTop(app);
  await clickNamed(app, "Edit message");
  await app.find("editor");
  await camera.shoot(app, "edit");
  await escape(app);
  await openChat(app, "Tide tables");
  await toTop(app);
  await camera.shoot(app, "tools");
  await openChat(app, "Internationalisation");
  await camera.shoot(app, "long-words");
}

async function composing(app, camera) {
  await app.find("chat-item");
  await openChat(app, "Batching and tail latency");
  await app.click("open-parameters");
  await app.find("parameters");
  await camera.shoot(app, "parameters");
  await escape(app);
  await app.click("context-gauge");
  await app.find("context-breakdown");
  await camera.shoot(app, "context");
  await escape(app);
  await chord(app, [Key.CONTROL], "l");
  await app.find("model-picker");
  await camera.shoot(app, "model-picker");
  await clickNamed(app, "By model");
  await camera.shoot(app, "model-picker-by-model");
  await press(app, "no model is called so");
  await camera.shoot(app, "model-picker-none");
  await escape(app);
  await gone(app, "model-picker");
  await chord(app, [Key.CONTROL], "k");
  await app.find("palette");
  await camera.shoot(app, "palette-empty");
  await press(app, "batch");
  await until("hits in the palette", async () => (await app.texts("palette-row")).some((row) => row.includes("…")));
  await camera.shoot(app, "palette");
  await escape(app);
  await gone(app, "palette");
  await app.run("document.activeElement.blur()");
  await press(app, "?");
  await camera.shoot(app, "shortcuts-help");
  await escape(app);
}

const rowNamed = (app, title) =>
  app.run(
    "return [...document.querySelectorAll('[data-testid=\"chat-item\"]')].find((one) => one.innerText.includes(arguments[0])) ?? null",
    title,
  );

async function list(app, camera) {
  await app.find("chat-item");
  await camera.shoot(app, "list", (narrow) => withList(app, narrow));
  const shelf = (name) => async (narrow) => {
    await withList(app, narrow);
    if ((await app.all("shelf-back")).length === 0) await app.click(`open-${name}`);
    await app.find("shelf-back");
  };
  for (const name of ["archive", "trash"]) {
    await app.click(`open-${name}`);
    await camera.shoot(app, `${name}-empty`, shelf(name));
    await app.click("shelf-back");
  }
  for (const [title, action] of [
    ["Kubernetes", "Archive"],
    ["Trip to Porto", "Delete"],
    ["Regex", "Delete"],
  ]) {
    const row = await until(title, () => rowNamed(app, title));
    await app.driver.actions().contextClick(row).perform();
    await clickNamed(app, action, '[role="menu"]');
    await until(`"${title}" to leave the list`, async () => (await rowNamed(app, title)) === null);
  }
  await camera.shoot(app, "undo");
  while ((await app.all("toast")).length > 0)
    await clickNamed(app, "Close", '[data-testid="toast"]').catch(() => undefined);
  const [first, second] = await app.all("chat-item");
  await first.click();
  await app.driver.actions().keyDown(Key.CONTROL).click(second).keyUp(Key.CONTROL).perform();
  await app.find("selection-bar");
  await camera.shoot(app, "selection", async (narrow) => {
    await withList(app, narrow);
    if ((await app.all("selection-bar")).length > 0) return;
    const [one, other] = await app.all("chat-item");
    await app.driver.actions().keyDown(Key.CONTROL).click(one).click(other).keyUp(Key.CONTROL).perform();
  });
  await escape(app);
  for (const name of ["archive", "trash"]) {
    await app.click(`open-${name}`);
    await camera.shoot(app, name, shelf(name));
    await app.click("shelf-back");
  }
  await app.click("open-trash");
  await app.click("empty-trash");
  await app.find("purge-dialog");
  await camera.shoot(app, "purge", async (narrow) => {
    if ((await app.all("purge-dialog")).length > 0) return;
    await shelf("trash")(narrow);
    await app.click("empty-trash");
  });
  await escape(app);
  await app.click("shelf-back");
  await app.click("new-chat");
  await camera.shoot(app, "new-chat");
}

async function search(app, camera) {
  await app.find("composer");
  await chord(app, [Key.CONTROL, Key.SHIFT], "f");
  await app.find("search-field");
  await camera.shoot(app, "search-empty");
  await app.type("search-field", "queue");
  await until("hits", async () => (await app.all("search-hit")).length > 1);
  await camera.shoot(app, "search");
  await app.type("search-field", "nothing like this is:failed");
  await app.find("search-none");
  await camera.shoot(app, "search-none");
}

/** Opens a row of the providers by its name. */
const pick = (app, name) =>
  until(`the provider ${name}`, () =>
    app.run(
      `const row = [...document.querySelectorAll('[data-testid="provider-item"], [data-testid="vendor-item"]')].find((one) =>
         one.innerText.includes(arguments[0]));
       row?.click();
       return row !== undefined`,
      name,
    ),
  );

async function providers(app, camera) {
  await app.click("nav-providers");
  await app.find("provider-check");
  await camera.shoot(app, "providers");
  await pick(app, "Ollama");
  await until("its page", () => app.run("return document.querySelector('main')?.innerText.includes('Ollama')"));
  await camera.shoot(app, "provider-local");
  // Without a key it is folded away.
  await app.click("vendor-fold");
  await pick(app, "DeepSeek");
  await app.find("provider-form");
  await camera.shoot(app, "provider-add");
}

/** What a provider's page says of what is wrong, and what comes in from a file. */
async function provider(app, camera) {
  await app.click("nav-providers");
  await app.find("provider-check");
  await pick(app, "OpenAI");
  await app.find("field-organization");
  await app.click("add-header");
  await app.find("header-form");
  await app.run("for (const fold of document.querySelectorAll('main details')) fold.open = true");
  await app.type("limit-requests", "a few");
  await press(app, Key.TAB);
  await camera.shoot(app, "provider-fields");
  await pick(app, "Groq");
  await app.type("provider-url", "http://models.example.com/v1");
  await press(app, Key.ENTER);
  await app.find("clear-dialog");
  await camera.shoot(app, "provider-in-clear");
  await app.click("clear-cancel");
  await gone(app, "clear-dialog");
  await camera.shoot(app, "provider-address-refused");
  await clickNamed(app, "More for providers");
  await clickNamed(app, "Import providers");
  await app.type("import-text", `[[providers]]${Key.ENTER}vendor = "openai"${Key.ENTER}limits = { tokens = "many"`);
  await app.click("import-read");
  await app.find("import-error");
  await camera.shoot(app, "import-refused");
  await app.type("import-text", OLDER);
  await app.click("import-read");
  await app.find("import-take");
  await camera.shoot(app, "import-report");
  await escape(app);
}

const OLDER = JSON.stringify({
  providers: [
    {
      type: "openai",
      enabled: true,
      priority: 1,
      base_url: "https://llm-gateway.research-computing.example.org/v1",
      api_key: "a-key-for-pictures",
      model_mapping: { fast: "gpt-6-luna" },
      accounts: [{ id: "second", token: "another-key-for-pictures", proxy: null }],
      rate_limits: { requests_per_minute: 60 },
    },
    { type: "carrier-pigeon", enabled: true, priority: 2, base_url: null, api_key: null },
  ],
  token_refresh_interval: 3600,
  request_timeout: 45,
  record_traffic: false,
});

/** Routes before there is one, with one, with what is wrong in it, and in the picker. */
async function routes(app, camera) {
  await app.click("nav-routes");
  await app.find("route-pane");
  await camera.shoot(app, "routes-first");
  await app.click("create-suggested");
  await app.find("targets");
  await app.find("dry-run");
  await escape(app);
  await camera.shoot(app, "routes");
  await app.type("rule-tries", "a few");
  await press(app, Key.TAB);
  await clickNamed(app, "Weighted", '[data-region="main"]');
  await camera.shoot(app, "routes-refused");
  await app.click("add-target");
  await app.find("target-dialog");
  await camera.shoot(app, "routes-target");
  await escape(app);
  await gone(app, "target-dialog");
  await app.click("nav-chat");
  await app.click("model-chip");
  await app.find("model-picker");
  await camera.shoot(app, "routes-picker");
  await escape(app);
}

async function openCosts(app) {
  await app.click("nav-costs");
  await app.find("cost-total");
  await app.find("cost-line");
  await until("the log", () => app.run("return document.querySelector('[data-request]') !== null"));
}

/** Opens what a button opens, where it is not open any more. */
const reopening = (app, button, inside) => async () => {
  if ((await app.all(inside)).length === 0) await app.click(button);
  await app.find(inside);
};

async function costs(app, camera) {
  await openCosts(app);
  await camera.shoot(app, "costs");
  await app.click("group-model");
  await app.click("unit-tokens");
  await until("one provider unfolded", () =>
    app.run(
      "const fold = document.querySelector('[data-testid=\"cost-line\"] .fold'); fold?.click(); return fold !== null",
    ),
  );
  await app.find("cost-model");
  await camera.shoot(app, "costs-models");
  await app.click("group-provider");
  await clickNamed(app, "OpenRouter", '[data-testid="cost-legend"]');
  await app.find("cost-chip");
  await until("one line", async () => (await app.all("cost-line")).length === 1);
  await camera.shoot(app, "costs-filtered");
  await app.click("clear-filters");
  await app.click("look-table");
  await app.find("series-table");
  await camera.shoot(app, "costs-table");
  await app.run("document.querySelector('[data-request]').click()");
  await app.find("request-details");
  await camera.shoot(app, "costs-request");
  await app.click("log-large");
  await camera.shoot(app, "costs-log");
  await app.click("log-large");
  await app.click("cost-range");
  await app.find("range-apply");
  await camera.shoot(app, "costs-range", reopening(app, "cost-range", "range-apply"));
  await app.click("range-thisYear");
  await camera.shoot(app, "costs-year");
  await app.click("filter-more");
  await camera.shoot(app, "costs-filters");
  await escape(app);
  await app.type("bill", "12.50");
  await press(app, Key.ENTER);
  await until("the comparison", async () => (await app.texts("bill-answer"))[0] !== "");
  await camera.shoot(app, "costs-bill");
}

async function noCosts(app, camera) {
  await app.click("skip-onboarding");
  await app.click("nav-costs");
  await app.find("no-requests");
  await camera.shoot(app, "costs-none");
}

async function prices(app, camera) {
  await app.click("nav-costs");
  await app.click("open-prices");
  await app.find("price-row");
  await camera.shoot(app, "prices");
  await app.type("price-search", "haiku");
  await until("fewer rows", async () => (await app.texts("price-row")).every((row) => row.includes("haiku")));
  await camera.shoot(app, "prices-found");
  await app.type("price-search", "no model is called so");
  await gone(app, "price-row");
  await camera.shoot(app, "prices-none");
  await app.click("set-price");
  await app.find("price-dialog");
  await app.type("price-model", "a-model-of-our-own");
  await app.type("price-input", "a few");
  await app.click("price-save");
  await camera.shoot(app, "price-refused");
  await escape(app);
  await gone(app, "price-dialog");
  await app.click("price-refresh");
  await app.find("price-refresh-dialog");
  await camera.shoot(app, "prices-refresh");
  await escape(app);
}

async function budgets(app, camera) {
  await app.click("nav-costs");
  await app.click("open-budgets");
  await app.find("budget");
  await app.click("add-budget");
  await app.find("budget-dialog");
  await app.click("budget-scope-provider");
  await camera.shoot(app, "budget");
  await app.type("budget-limit", "a few");
  await app.click("budget-save");
  await camera.shoot(app, "budget-refused");
  await app.type("budget-limit", "0.01");
  await app.click("budget-at-ask");
  await app.click("budget-save");
  await gone(app, "budget-dialog");
  await until("both budgets", async () => (await app.all("budget")).length === 2);
  await camera.shoot(app, "budgets");
  await app.click("nav-chat");
  await app.click("new-chat");
  await app.type("composer", "May this leave?");
  await app.find("cost-note");
  await camera.shoot(app, "budget-before");
  await app.click("send");
  await app.find("over-budget");
  await camera.shoot(app, "over-budget");
}

async function settings(app, camera) {
  await app.click("nav-settings");
  for (const page of ["general", "appearance", "shortcuts", "providers", "data", "keys", "about"]) {
    await app.click(`settings-page-${page}`);
    await camera.shoot(app, `settings-${page}`);
  }
  await app.click("settings-page-keys");
  await clickNamed(app, "Create");
  await app.find("passphrase");
  await camera.shoot(app, "passphrase");
}

export const acts = [
  { name: "a chat", play: chat, sample: true },
  { name: "composing", play: composing, sample: true },
  { name: "the list", play: list, sample: true },
  { name: "search", play: search, sample: true },
  { name: "providers", play: providers, sample: true },
  { name: "a provider", play: provider, sample: true },
  { name: "routes", play: routes, sample: true },
  { name: "costs", play: costs, sample: true },
  { name: "no costs yet", play: noCosts },
  { name: "prices", play: prices, sample: true },
  { name: "budgets", play: budgets, sample: true },
  { name: "settings", play: settings, sample: true },
];
