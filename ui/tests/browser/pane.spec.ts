import type { Page } from '@playwright/test';
import { paste, row, TAIL } from './keys';
import { axeFindings, expect, test } from './page';

const item = (page: Page, name: string) => page.getByTestId('provider-item').filter({ hasText: name });
const vendor = (page: Page, name: string) => page.getByTestId('vendor-item').filter({ hasText: name });
async function toProviders(page: Page) {
  await page.getByTestId('nav-providers').click();
  await expect(page.getByTestId('provider-item').first()).toBeVisible();
}

test('each provider says what it cost and how it does', async ({ page, open }) => {
  await open('scene=keys&vendors=all&pace=2');
  await toProviders(page);
  await expect(item(page, 'Anthropic')).toContainText('$18.20');
  await expect(item(page, 'Anthropic')).toContainText('2 of the last 20 calls failed');
  await expect(item(page, 'OpenAI').first()).toContainText(/\$9\.04\s*Works/);
  await expect(item(page, 'OpenAI, work')).toContainText('Session over');
  await expect(item(page, 'LM Studio')).toContainText('2 models');
});

test('forty vendors are folded away, and the filter finds them by name and by id', async ({ page, open }) => {
  await open('scene=keys&vendors=all&pace=2');
  await toProviders(page);
  await expect(vendor(page, 'Groq')).toContainText('Key in environment');
  await expect(vendor(page, 'Harbor lab')).toContainText('your file');
  await expect(vendor(page, 'Perplexity')).toHaveCount(0);
  const fold = page.getByRole('button', { name: /\d+ more without a key/ }).first();
  await expect(fold).toHaveAttribute('aria-expanded', 'false');
  await fold.click();
  await expect(vendor(page, 'Perplexity')).toHaveCount(1);
  await page.getByRole('button', { name: 'Show fewer' }).click();
  await expect(vendor(page, 'Perplexity')).toHaveCount(0);
  await page.getByTestId('filter-providers').fill('perpl');
  await expect(vendor(page, 'Perplexity')).toHaveCount(1);
  await page.getByTestId('filter-providers').fill('qwen');
  await expect(page.getByTestId('vendor-item')).toHaveText([/Qwen \(DashScope\)/]);
  await page.getByTestId('filter-providers').fill('zai');
  await expect(page.getByTestId('vendor-item')).toHaveText([/Z\.ai/]);
  await vendor(page, 'Z.ai').click();
  await page.getByTestId('filter-providers').fill('');
  // The one that is being added stays in sight.
  await expect(vendor(page, 'Z.ai')).toHaveAttribute('aria-current', 'true');
});

test('the list is one tab stop, and the arrows walk through it', async ({ page, open }) => {
  await open('scene=keys&vendors=all&pace=2');
  await toProviders(page);
  await page.getByRole('button', { name: 'More for providers' }).focus();
  await page.keyboard.press('Tab');
  await expect(item(page, 'Anthropic')).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(item(page, 'OpenAI').first()).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByTestId('vendors-skipped')).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await expect(item(page, 'OpenAI').first()).toBeFocused();
  await page.keyboard.press('End');
  await expect(page.locator('[data-row]').last()).toBeFocused();
});

test('a vendor file that was skipped leads to where it says why', async ({ page, open }) => {
  await open('scene=keys&pace=2');
  await toProviders(page);
  await page.getByTestId('vendors-skipped').click();
  await expect(page.getByTestId('vendors-rejected')).toContainText(
    /harbor\.toml.*unknown field `colour`, line 7/,
  );
  await expect(page.getByTestId('vendor-folder')).toHaveText('/home/person/.config/app.parlance/vendors');
  await page.getByTestId('catalogue-read').click();
  await expect(page.getByTestId('announcer')).toHaveText('36 vendors read, 1 of your own.');
});

test('models.dev is asked only when somebody says so', async ({ page, open }) => {
  await open('scene=chat&pace=2');
  await page.getByTestId('nav-settings').click();
  await page.getByTestId('settings-page-providers').click();
  const settings = page.getByTestId('settings-providers');
  await expect(page.getByTestId('models-fetch')).toHaveCount(0);
  await page.getByRole('switch', { name: /models\.dev/ }).click();
  await expect(settings).toContainText('Not fetched yet.');
  await page.getByTestId('models-fetch').click();
  await expect(settings).toContainText(/Fetched on .* at \d\d:\d\d: 1,204 models of your vendors\./);
  await page.getByRole('switch', { name: /models\.dev/ }).click();
  await expect(settings).toContainText('It is not used while this is off.');
  await expect(page.getByTestId('models-fetch')).toHaveCount(0);
});

test('traffic is recorded, exported and deleted', async ({ page, open }) => {
  await open('scene=chat&pace=2');
  await page.getByTestId('nav-settings').click();
  await page.getByTestId('settings-page-data').click();
  const record = page.getByRole('switch', { name: 'Record exchanges with providers' });
  await expect(record).toHaveAttribute('aria-checked', 'false');
  await record.click();
  await expect(record).toHaveAttribute('aria-checked', 'true');
  await expect(page.getByTestId('announcer')).toHaveText('Exchanges are recorded from now on.');
  await expect(page.getByTestId('traffic-kept')).toHaveText('48 exchanges, 3.4 MB');
  await page.getByTestId('traffic-export').click();
  await expect(page.getByTestId('traffic-written')).toContainText('/home/person/Downloads/parlance-traffic');
  await page.getByTestId('traffic-clear').click();
  await expect(page.getByTestId('traffic-dialog').getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.getByTestId('traffic-sure').click();
  await expect(page.getByTestId('traffic-dialog')).toHaveCount(0);
  await expect(page.getByTestId('traffic-kept')).toHaveText('Nothing');
  await expect(page.getByTestId('traffic-export')).toHaveCount(0);
});

test('a vendor with several addresses and fields of its own is added', async ({ page, open }) => {
  await open('scene=keys&vendors=all&pace=2');
  await toProviders(page);
  await page.getByTestId('filter-providers').fill('azure');
  await vendor(page, 'Azure').click();
  const addresses = page.getByTestId('provider-addresses');
  await expect(addresses.getByRole('radio').first()).toBeChecked();
  await expect(page.getByTestId('provider-url')).toHaveCount(0);
  await addresses.getByRole('radio', { name: /Europe/ }).check();
  await page.getByTestId('provider-key').fill(`az-${TAIL}`);
  await page.getByTestId('provider-save').click();
  await expect(page.getByText('Fill this in.')).toHaveCount(2);
  await page.getByTestId('vendor-field-deployment').fill('harbor-gpt');
  await page.getByTestId('vendor-field-version').selectOption('preview');
  await page.getByTestId('provider-save').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Azure OpenAI');
  const made = await page.evaluate(() => {
    const { app } = window as unknown as {
      app: {
        session: {
          providers: { items: { vendor: string; baseUrl: string; settings: { fields: object } }[] };
        };
      };
    };
    const found = app.session.providers.items.find((one) => one.vendor === 'azure-openai');
    return { baseUrl: found?.baseUrl, fields: { ...found?.settings.fields } };
  });
  expect(made).toEqual({
    baseUrl: 'https://eu.azure-openai.example/v1',
    fields: { deployment: 'harbor-gpt', version: 'preview' },
  });
});

test('an address in clear is asked about, and https is the way out', async ({ page, open }) => {
  await open('scene=empty&pace=2');
  await page.getByTestId('nav-providers').click();
  await page.getByTestId('add-provider').click();
  const add = async (name: string) => {
    await page.getByTestId('provider-vendor').selectOption('openai-compatible');
    await page.getByTestId('provider-name').fill(name);
    await page.getByTestId('provider-url').fill('http://llm.harbor.example/v1');
    await page.getByTestId('provider-save').click();
    await expect(page.getByTestId('clear-dialog')).toContainText('llm.harbor.example');
  };
  await add('Harbor');
  await page.getByTestId('clear-cancel').click();
  await expect(page.getByTestId('provider-item')).toHaveCount(0);
  await page.getByTestId('provider-save').click();
  await page.getByTestId('clear-https').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Harbor');
  await page.getByTestId('add-provider').click();
  await add('In clear');
  await page.getByTestId('clear-send').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('In clear');
});

test('a pasted key goes to an address in clear only when that was said', async ({ page, open }) => {
  await open('scene=empty&pace=2');
  await page.getByTestId('nav-providers').click();
  await page.getByTestId('add-provider').click();
  await paste(page, `${TAIL}${TAIL}`);
  await page.getByTestId('choose-other').selectOption('openai-compatible');
  const address = page.getByRole('textbox', { name: 'Address of the OpenAI-compatible server' });
  await address.fill('http://lab.example/v1');
  await page.getByRole('button', { name: 'Send it there' }).click();
  await expect(page.getByTestId('clear-dialog')).toContainText('lab.example');
  await page.getByTestId('clear-cancel').click();
  await expect(page.getByTestId('provider-item')).toHaveCount(0);
  await row(page, 'openai-compatible').getByTestId('row-again').click();
  await page.getByTestId('clear-https').click();
  await expect(row(page, 'openai-compatible')).toContainText('Works.');
  await row(page, 'openai-compatible').getByRole('button', { name: 'Open', exact: true }).click();
  await expect(page.getByTestId('provider-url')).toHaveValue('https://lab.example/v1');
});

for (const theme of ['light', 'dark']) {
  test(`the list of providers in ${theme} passes axe`, async ({ page, open }) => {
    await open(`scene=keys&vendors=all&pace=2&theme=${theme}`);
    await toProviders(page);
    await expect(item(page, 'Anthropic')).toContainText('$18.20');
    expect(await axeFindings(page)).toEqual([]);
    await page.setViewportSize({ width: 720, height: 700 });
    await page.getByTestId('filter-providers').fill('azure');
    await vendor(page, 'Azure').click();
    await expect(page.getByTestId('provider-addresses')).toBeVisible();
    expect(await axeFindings(page)).toEqual([]);
    const wide = await page
      .locator('main')
      .evaluate(
        (main) =>
          [...main.querySelectorAll('*')].filter(
            (one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.vh'),
          ).length,
      );
    expect(wide).toBe(0);
  });
}
