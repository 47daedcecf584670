import type { Page } from '@playwright/test';
import { everything, row, paste, TAIL } from './keys';
import { expect, test } from './page';

const item = (page: Page, name: string) => page.getByTestId('provider-item').filter({ hasText: name });
const account = (page: Page, name: string) => page.getByTestId('account').filter({ hasText: name });
const labels = (page: Page) => page.getByTestId('account-label').allTextContents();

async function openProvider(page: Page, name: string) {
  await page.getByTestId('nav-providers').click();
  await item(page, name).first().click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(name);
}

test('all keys are tested with one sentence for both', async ({ page, open }) => {
  await open('scene=keys&pace=2');
  await openProvider(page, 'Anthropic');
  await page.getByTestId('provider-check').click();
  await expect(page.getByTestId('provider-check-result')).toContainText(
    /Both keys work\. Personal answered in 0\.61 s, Work in 0\.74 s\. Tested at \d\d:\d\d, free of charge\./,
  );
  await expect(item(page, 'Anthropic')).toContainText('Works');
});

test('a key is added, named, tested, turned off and removed', async ({ page, open }) => {
  await open('scene=keys&pace=2');
  await openProvider(page, 'Anthropic');
  await page.getByTestId('add-key').click();
  const field = page.getByTestId('provider-key');
  await expect(field).toBeFocused();
  await expect(field).toHaveAttribute('type', 'password');
  await field.fill(`sk-ant-bad-${TAIL}`);
  await field.press('Enter');
  const third = page.getByTestId('account').nth(2);
  await expect(third).toContainText('•••• Gh78');
  await expect(third).toContainText('Stored in GNOME Keyring');
  await expect(third.getByTestId('key-failure')).toContainText('Anthropic rejected the key (401).');
  expect(await everything(page)).not.toContain(`sk-ant-bad-${TAIL}`);
  await third.getByTestId('account-label').click();
  await page.getByTestId('account-label-field').fill('Spare');
  await page.keyboard.press('Enter');
  await expect(third.getByTestId('account-label')).toHaveText('Spare');
  await expect(third.getByTestId('account-label')).toBeFocused();
  await third.getByRole('switch').click();
  await expect(third).toContainText('Off, skipped');
  await third.getByRole('button', { name: 'More for Spare' }).click();
  await page.getByRole('menuitem', { name: 'Remove key' }).click();
  await expect(page.getByTestId('remove-key-dialog').getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.getByTestId('remove-key-sure').click();
  await expect(page.getByTestId('account')).toHaveCount(2);
});

test('keys are put in order by keyboard and by dragging', async ({ page, open }) => {
  await open('scene=keys&pace=2');
  await openProvider(page, 'Anthropic');
  expect(await labels(page)).toEqual(['Personal', 'Work']);
  await page.getByTestId('account-grip').first().focus();
  await page.keyboard.press('Alt+ArrowDown');
  await expect(page.getByTestId('announcer')).toHaveText('Personal is now number 2 of 2.');
  expect(await labels(page)).toEqual(['Work', 'Personal']);
  await expect(account(page, 'Personal').getByTestId('account-grip')).toBeFocused();
  const from = await account(page, 'Personal').getByTestId('account-grip').boundingBox();
  const to = await account(page, 'Work').boundingBox();
  if (!from || !to) throw new Error('no boxes');
  await page.mouse.move(from.x + 8, from.y + 8);
  await page.mouse.down();
  await page.mouse.move(from.x + 8, to.y + 4, { steps: 6 });
  await page.mouse.up();
  await expect.poll(() => labels(page)).toEqual(['Personal', 'Work']);
});

test('a provider goes before another, by keyboard and by dragging, and is not opened by that', async ({
  page,
  open,
}) => {
  await open('scene=keys&pace=2');
  await openProvider(page, 'Anthropic');
  const names = async () =>
    (await page.getByTestId('provider-item').allTextContents()).map((text) => text.slice(0, 8));
  const before = await names();
  await item(page, 'Anthropic').focus();
  await page.keyboard.press('Alt+ArrowDown');
  await expect(page.getByTestId('announcer')).toHaveText('Anthropic is now number 2 of 5.');
  await expect(item(page, 'Anthropic')).toBeFocused();
  expect((await names()).slice(0, 2)).toEqual([before[1], before[0]]);
  const from = await page.getByTestId('provider-item').nth(2).boundingBox();
  const to = await page.getByTestId('provider-item').nth(0).boundingBox();
  if (!from || !to) throw new Error('no boxes');
  const dragged = (await names())[2];
  await page.mouse.move(from.x + 60, from.y + 10);
  await page.mouse.down();
  await page.mouse.move(from.x + 60, to.y + 3, { steps: 6 });
  await page.mouse.up();
  await expect.poll(async () => (await names())[0]).toBe(dragged);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Anthropic');
});

test('a key for another address goes there only when somebody says so', async ({ page, open }) => {
  await open('scene=keys&pace=2');
  await openProvider(page, 'OpenAI');
  await page.getByTestId('provider-url').fill('https://proxy.example:8443/v1');
  await expect(page.getByText('Keys stay bound to api.openai.com.')).toBeVisible();
  await page.getByTestId('provider-url').press('Enter');
  const question = page.getByTestId('key-bound-elsewhere');
  await expect(question).toContainText(
    'This key was given for https://api.openai.com:443. Send it to https://proxy.example:8443?',
  );
  await expect(item(page, 'OpenAI').first()).toContainText('Other address');
  await page.getByTestId('provider-check').click();
  await expect(page.getByTestId('provider-check-result')).toContainText(
    'was given for another address and stays there',
  );
  await page.getByRole('button', { name: 'Send this key to proxy.example:8443' }).click();
  await expect(question).toHaveCount(0);
  await page.getByTestId('provider-check').click();
  await expect(page.getByTestId('provider-check-result')).toHaveAttribute('data-ok', 'true');
});

test('every trouble of a key has its sentence and its way on', async ({ page, open }) => {
  await open('scene=keys&pace=2&vault=locked');
  await openProvider(page, 'Mistral through');
  await expect(account(page, 'harbor team')).toContainText('was given for https://api.mistral.ai:443');
  await expect(account(page, 'Shell')).toContainText('MISTRAL_API_KEY is not set now.');
  await expect(account(page, 'Old')).toContainText('It is no longer in GNOME Keyring.');
  await expect(account(page, 'Laptop')).toContainText('GNOME Keyring does not answer.');
  await expect(account(page, 'Vault')).toContainText('The encrypted file is locked.');
  await account(page, 'Vault').getByTestId('unlock-key').click();
  await page.getByTestId('passphrase').fill('open sesame');
  await page.getByTestId('passphrase-submit').click();
  await expect(account(page, 'Vault')).toHaveAttribute('data-status', 'ready');
  await account(page, 'harbor team').getByTestId('enter-new-key').click();
  await expect(page.getByTestId('provider-key')).toBeFocused();
});

test('a key can be kept elsewhere though there is a keyring', async ({ page, open }) => {
  await open('scene=keys&pace=2');
  await openProvider(page, 'OpenAI');
  await page.getByTestId('replace-key').click();
  await page.getByTestId('provider-key').fill(`sk-proj-${TAIL}`);
  await page.getByTestId('key-elsewhere').click();
  await page.getByTestId('where-session').check();
  await page.getByTestId('where-use').click();
  await expect(page.getByTestId('account')).toContainText('this session only');
});

test('a keyring that waits shows it beside a working page', async ({ page, open }) => {
  await open('scene=keys&pace=2&keyring=waits');
  await openProvider(page, 'OpenAI');
  await page.getByTestId('replace-key').click();
  await page.getByTestId('provider-key').fill(`sk-proj-${TAIL}`);
  await page.getByTestId('key-save').click();
  await expect(page.getByTestId('keyring-waits')).toContainText('Waiting for your keyring.');
  await page.getByTestId('nav-settings').click();
  await page.getByTestId('settings-page-keys').click();
  await expect(page.getByTestId('settings-keys')).toContainText('GNOME Keyring');
  await page.getByTestId('stop-waiting').click();
  await expect(page.getByTestId('keyring-waits')).toHaveCount(0);
});

test('models are shown and hidden, and the picker offers those that are shown', async ({ page, open }) => {
  await open('scene=keys&pace=2');
  await openProvider(page, 'Anthropic');
  await expect(page.getByTestId('models-shown')).toHaveText('3 of 8 shown in the picker');
  await page.getByRole('checkbox', { name: 'Show claude-opus-4-1 in the picker' }).check();
  await page.getByRole('checkbox', { name: 'Show claude-haiku-4-5 in the picker' }).uncheck();
  await expect(page.getByTestId('models-shown')).toHaveText('3 of 8 shown in the picker');
  await page.getByTestId('default-model').selectOption('claude-opus-4-1');
  await expect(page.getByTestId('model-row').filter({ hasText: 'Offered first' })).toContainText(
    'claude-opus-4-1',
  );
  await page.keyboard.press('Control+1');
  await page.keyboard.press('Control+l');
  await page.getByRole('combobox').fill('claude');
  const options = page.locator('[data-testid="model-option"][data-provider="p-anthropic"]');
  await expect(options.and(page.locator('[data-model="claude-opus-4-1"]'))).toHaveCount(1);
  await expect(options.and(page.locator('[data-model="claude-haiku-4-5"]'))).toHaveCount(0);
  await expect(options.and(page.locator('[data-model="claude-3-haiku"]'))).toHaveCount(0);
});

test('five hundred models are a window of rows, reached by the filter and by the keyboard', async ({
  page,
  open,
}) => {
  await open('scene=keys&pace=2');
  await openProvider(page, 'OpenRouter');
  await expect(page.getByTestId('models-shown')).toHaveText('400 of 500 shown in the picker');
  expect(await page.getByTestId('model-row').count()).toBeLessThan(60);
  await page.getByRole('checkbox', { name: 'Show vendor-0/model-0 in the picker' }).focus();
  await page.keyboard.press('End');
  await expect(page.getByRole('checkbox', { name: 'Show vendor-19/model-499 in the picker' })).toBeFocused();
  await page.keyboard.press('Space');
  await expect(page.getByTestId('models-shown')).toHaveText('401 of 500 shown in the picker');
  await page.getByTestId('filter-provider-models').fill('model-12');
  await expect(page.getByTestId('model-row').first()).toHaveAttribute('data-model', 'vendor-12/model-12');
  await expect(page.getByText('11 models', { exact: true })).toBeVisible();
});

test('a provider is added by its address, checked, changed and removed', async ({ page, open }) => {
  await open('scene=empty&pace=2');
  await page.getByTestId('nav-providers').click();
  await page.getByTestId('add-provider').click();
  await page.getByTestId('provider-vendor').selectOption('openai-compatible');
  await page.getByTestId('provider-save').click();
  await expect(page.getByText('Fill this in.')).toBeVisible();
  await page.getByTestId('provider-name').fill('Lab');
  await page.getByTestId('provider-url').fill('not an address');
  await page.getByTestId('provider-save').click();
  await expect(page.getByTestId('provider-url')).toHaveAttribute('aria-invalid', 'true');
  await page.getByTestId('provider-url').fill('http://127.0.0.1:9/v1');
  await page.getByRole('radio', { name: 'Paste a key' }).click();
  await page.getByTestId('provider-key').fill('sk-a-long-enough-key-1234');
  await page.getByTestId('provider-save').click();
  await expect(page.getByTestId('provider-check-result')).toHaveAttribute('data-ok', 'true');
  await expect(page.getByTestId('provider-check-result')).toContainText('6 models found');
  await expect(page.getByTestId('account')).toContainText('•••• 1234');
  expect(await everything(page)).not.toContain('sk-a-long-enough');
  await expect(page.getByRole('row', { name: /gpt-5\.4-mini/ })).toBeVisible();
  await page.getByRole('switch', { name: 'Use Lab' }).click();
  await expect(item(page, 'Lab')).toContainText('Off');
  await page.getByRole('button', { name: 'More for Lab' }).click();
  await page.getByRole('menuitem', { name: 'Remove provider' }).click();
  await page.getByTestId('remove-provider-sure').click();
  await expect(page.getByTestId('provider-item')).toHaveCount(0);
});

test('a key pasted into the list of providers is recognised there too', async ({ page, open }) => {
  await open('scene=empty&pace=2');
  await page.getByTestId('nav-providers').click();
  await page.getByTestId('add-provider').click();
  await paste(page, `sk-ant-${TAIL}xyz`);
  await expect(row(page, 'anthropic')).toContainText('Works.');
  await row(page, 'anthropic').getByRole('button', { name: 'Open' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Anthropic');
});

test('a key in the form of another vendor is noticed', async ({ page, open }) => {
  await open('scene=empty&pace=2');
  await page.getByTestId('nav-providers').click();
  await page.getByTestId('vendor-item').filter({ hasText: 'Anthropic' }).click();
  await expect(page.getByTestId('provider-key')).toBeFocused();
  await page.getByTestId('provider-key').fill(`gsk_${TAIL}`);
  await page.getByTestId('provider-form').getByRole('button', { name: 'Groq' }).click();
  await expect(page.getByTestId('provider-vendor')).toHaveValue('groq');
});

for (const [host, words] of [
  ['html', 'leads to a web page, not to its API'],
  ['moved', 'redirects to https://api.new.example:443, and a key does not follow it'],
  ['lost', 'There is no API of this kind at the address'],
  ['dns', 'does not exist'],
  ['busy', 'so the key could not be checked'],
  ['slow', 'could not be reached in time'],
] as const) {
  test(`a check of ${host}.example says what is wrong`, async ({ page, open }) => {
    await open('scene=keys&pace=2');
    await openProvider(page, 'LM Studio');
    await page.getByTestId('provider-url').fill(`https://${host}.example/v1`);
    await page.getByTestId('provider-url').press('Enter');
    await expect(page.getByTestId('connection')).toContainText('Saved');
    await page.getByTestId('provider-check').click();
    await expect(page.getByTestId('provider-check-result')).toContainText(words);
  });
}

test('the filter finds providers and vendors', async ({ page, open }) => {
  await open('scene=keys&pace=2');
  await page.getByTestId('nav-providers').click();
  await page.getByTestId('filter-providers').fill('open');
  await expect(page.getByTestId('provider-item')).toHaveCount(3);
  await page.getByTestId('filter-providers').fill('nobody');
  await expect(page.getByText('Nothing matches “nobody”.')).toBeVisible();
  await page.getByRole('button', { name: 'Clear the filter' }).click();
  await expect(page.getByTestId('provider-item').first()).toBeVisible();
});

test('the stores of keys are managed in the settings', async ({ page, open }) => {
  await open('scene=keys&pace=2');
  await page.getByTestId('nav-settings').click();
  await page.getByTestId('settings-page-keys').click();
  const keys = page.getByTestId('settings-keys');
  await page.getByTestId('vault-create-open').click();
  await page.getByTestId('passphrase').fill('a long passphrase');
  await page.getByTestId('passphrase-again').fill('a long passphrase');
  await page.getByTestId('passphrase-submit').click();
  await expect(keys).toContainText('Open until Parlance closes.');
  await page.getByTestId('vault-change-open').click();
  await page.getByTestId('passphrase-current').fill('something else');
  await page.getByTestId('passphrase').fill('another passphrase');
  await page.getByTestId('passphrase-again').fill('another passphrase');
  await page.getByTestId('passphrase-submit').click();
  await expect(page.getByText('That is not the passphrase. Try again.')).toBeVisible();
  await page.getByTestId('passphrase-current').fill('a long passphrase');
  await page.getByTestId('passphrase-submit').click();
  await expect(page.getByTestId('vault-change')).toHaveCount(0);
  await page.getByTestId('vault-lock').click();
  await expect(keys).toContainText('Locked.');
  await page.getByTestId('vault-reset-open').click();
  await expect(page.getByTestId('reset-submit')).toBeDisabled();
  await page.getByTestId('reset-word').fill('delete');
  await page.getByTestId('reset-submit').click();
  await expect(page.getByTestId('vault-create-open')).toBeVisible();
});

test('a dialog keeps the focus, closes with Escape and gives it back', async ({ page, open }) => {
  await open('scene=keys&pace=2');
  await page.getByTestId('nav-settings').click();
  await page.getByTestId('settings-page-keys').click();
  await page.getByTestId('vault-create-open').click();
  await expect(page.getByTestId('passphrase')).toBeFocused();
  for (let at = 0; at < 8; at += 1) {
    await page.keyboard.press('Tab');
    const inside = await page.evaluate(() => document.activeElement?.closest('dialog') !== null);
    expect(inside).toBe(true);
  }
  await page.keyboard.press('Control+1');
  await expect(page.getByTestId('vault-create')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('vault-create')).toHaveCount(0);
  await expect(page.getByTestId('vault-create-open')).toBeFocused();
});
