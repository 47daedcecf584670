import type { Page } from '@playwright/test';
import { everything } from './keys';
import { axeFindings, expect, test } from './page';

const dialog = (page: Page) => page.getByTestId('import-dialog');
const KEY = 'sk-very-secret-0123456789abcdef';
const CONFIG = `[[providers]]\nname = "work-openai"\nkey = "${KEY}"\n`;

async function toImport(page: Page) {
  await page.getByTestId('nav-providers').click();
  await page.getByRole('button', { name: 'More for providers' }).click();
  await page.getByRole('menuitem', { name: 'Import providers' }).click();
  await expect(dialog(page).getByRole('button', { name: 'Choose a file' })).toBeFocused();
}

async function give(page: Page, name: string, text: string) {
  await page.getByTestId('import-file').setInputFiles({
    name,
    mimeType: 'application/toml',
    buffer: Buffer.from(text),
  });
}

test('a configuration is seen before it is taken over, and then stands in the list', async ({
  page,
  open,
}) => {
  await open('scene=chat&pace=2');
  await toImport(page);
  await give(page, 'parlance.toml', CONFIG);
  await expect(dialog(page).getByRole('heading', { level: 2 })).toHaveText('Import 2 providers?');
  await expect(dialog(page).getByRole('region', { name: 'Providers in it' })).toBeFocused();
  const rows = page.getByTestId('import-provider');
  await expect(rows.first()).toContainText(/work-openai\s*OpenAI\s*api\.openai\.com\s*2 keys\s*New/);
  const notes = page.getByTestId('import-note');
  await expect(notes.filter({ hasText: 'providers[0].accounts[1].key' })).toContainText(
    'The variable OPENAI_API_KEY_WORK is not set now.',
  );
  await expect(notes.filter({ hasText: 'providers[1].type' })).toContainText('It becomes OpenAI-compatible');
  await expect(dialog(page).getByRole('heading', { name: /Left out/ })).toContainText('2');
  await expect(page.getByTestId('provider-item').filter({ hasText: 'harbor' })).toHaveCount(0);
  await expect(page.getByTestId('import-store-keyring')).toBeChecked();
  expect(await everything(page)).not.toContain(KEY);
  await page.getByTestId('import-take').click();
  await expect(dialog(page).getByRole('heading', { level: 2 })).toHaveText('2 providers are imported.');
  await expect(dialog(page)).toContainText('Test them in Providers; that is free.');
  await page.getByTestId('import-show').click();
  await expect(dialog(page)).toHaveCount(0);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('work-openai');
  await expect(page.getByTestId('provider-item').filter({ hasText: 'harbor' })).toHaveCount(1);
  await expect(page.getByTestId('account').first()).toContainText('Stored in GNOME Keyring');
});

test('the routes of a configuration are seen before it is taken over', async ({ page, open }) => {
  await open('scene=chat&pace=2');
  await toImport(page);
  await give(page, 'parlance.toml', `${CONFIG}\n[[routes]]\nid = "harbor-first"\n`);
  const rows = page.getByTestId('import-route');
  await expect(rows).toHaveText([
    /Harbor first\s*route\/harbor-first\s*Priority, 2 targets\s*New/,
    /In my order\s*route\/in-my-order\s*Cheapest\s*Updates the one you have/,
  ]);
  expect(await axeFindings(page, { within: '[data-testid="import-dialog"]' })).toEqual([]);
  await page.getByTestId('import-take').click();
  await expect(rows.first()).not.toContainText('New');
});

test('one that is there already is named as such', async ({ page, open }) => {
  await open('scene=chat&pace=2');
  for (const last of [false, true]) {
    await toImport(page);
    await give(page, 'parlance.toml', CONFIG);
    if (last)
      await expect(page.getByTestId('import-provider').first()).toContainText('Updates the one you have');
    await page.getByTestId('import-take').click();
    await page.getByTestId('import-show').click();
  }
  await expect(page.getByTestId('provider-item').filter({ hasText: 'harbor' })).toHaveCount(1);
});

test('both older forms are named, pasted or dropped', async ({ page, open }) => {
  await open('scene=chat&pace=2');
  await toImport(page);
  await page.getByTestId('import-text').fill(`{"providers":[{"type":"openai","api_key":"${KEY}"}]}`);
  await page.getByTestId('import-read').click();
  await expect(dialog(page)).toContainText('An older form: JSON with providers.');
  expect(await everything(page)).not.toContain(KEY);
  await dialog(page).getByRole('button', { name: 'Back' }).click();
  await expect(page.getByTestId('import-text')).toHaveValue('');
  await page.getByTestId('import-drop').evaluate((element) => {
    const data = new DataTransfer();
    data.items.add(new File(['[[llm.providers]]\n'], 'old.toml'));
    element.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  });
  await expect(dialog(page)).toContainText('An older form: TOML with llm.providers.');
});

test('an encrypted file asks for its passphrase, and again where that is wrong', async ({ page, open }) => {
  await open('scene=chat&pace=2');
  await toImport(page);
  await give(page, 'parlance-config.toml.age', '-----BEGIN AGE ENCRYPTED FILE-----\n');
  const field = page.getByTestId('import-passphrase');
  await expect(field).toBeFocused();
  await expect(dialog(page)).toContainText('parlance-config.toml.age');
  await field.press('Enter');
  await expect(dialog(page)).toContainText('Fill this in.');
  await field.fill('something else');
  await field.press('Enter');
  await expect(dialog(page)).toContainText('That is not the passphrase. Try again.');
  await field.fill('open sesame');
  await field.press('Enter');
  await expect(page.getByTestId('import-provider')).toHaveCount(2);
});

test('what cannot be read says where and why', async ({ page, open }) => {
  await open('scene=chat&pace=2');
  await toImport(page);
  await give(page, 'wrong.toml', 'colour = "red"');
  await expect(page.getByTestId('import-error')).toHaveText(
    'Line 3. “colour” is no key of a configuration. Correct or remove it.',
  );
  await give(page, 'poem.txt', 'Nothing of the kind');
  await expect(page.getByTestId('import-error')).toContainText('This is neither TOML nor JSON.');
  await give(page, 'huge.toml', 'x'.repeat(9 * 1024 * 1024));
  await expect(page.getByTestId('import-error')).toContainText('It is longer than 4 MB.');
});

test('keys that the keyring does not take go elsewhere', async ({ page, open }) => {
  await open('scene=chat&pace=2&keyring=unavailable');
  await toImport(page);
  await give(page, 'parlance.toml', CONFIG);
  await expect(page.getByTestId('import-store-keyring')).toBeDisabled();
  await expect(page.getByTestId('import-store-vault')).toBeChecked();
  await page.getByTestId('import-take').click();
  await page.getByTestId('passphrase').fill('a long passphrase');
  await page.getByTestId('passphrase-again').fill('a long passphrase');
  await page.getByTestId('passphrase-submit').click();
  await expect(dialog(page).getByRole('heading', { level: 2 })).toHaveText('2 providers are imported.');
  await page.getByTestId('import-show').click();
  await expect(page.getByTestId('account').first()).toContainText('the encrypted file');
});

test('a keyring that waits is said in the dialog, and nothing is imported when it is called off', async ({
  page,
  open,
}) => {
  await open('scene=chat&pace=2&keyring=waits');
  await toImport(page);
  await give(page, 'parlance.toml', CONFIG);
  await page.getByTestId('import-take').click();
  await expect(page.getByTestId('dialog-waits')).toContainText('Waiting for your keyring.');
  await expect(page.getByTestId('keyring-waits')).toHaveCount(0);
  await page.getByTestId('dialog-waits').getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByTestId('import-take')).toHaveText('Import 2 providers');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('provider-item').filter({ hasText: 'harbor' })).toHaveCount(0);
});

test('providers are exported, with keys only under a passphrase', async ({ page, open }) => {
  await open('scene=chat&pace=2');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('export providers');
  await page.keyboard.press('Enter');
  const out = page.getByTestId('export-dialog');
  await expect(page.getByTestId('export-without-keys')).toBeFocused();
  await page.getByTestId('export-write').click();
  await expect(page.getByTestId('export-path')).toHaveText('/home/person/Downloads/parlance-config.toml');
  await expect(out).toContainText('No key is in it.');
  await expect(page.getByTestId('export-close')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(out).toHaveCount(0);

  await page.getByTestId('nav-settings').click();
  await page.getByTestId('settings-page-providers').click();
  await page.getByTestId('settings-export').click();
  await page.getByTestId('export-with-keys').check();
  await page.getByTestId('export-passphrase').fill('short');
  await page.getByTestId('export-write').click();
  await expect(out).toContainText('3 more characters at least.');
  await page.getByTestId('export-passphrase').fill('four words or more');
  await page.getByTestId('export-again').fill('four words or less');
  await page.getByTestId('export-write').click();
  await expect(out).toContainText('The two are not the same.');
  await page.getByTestId('export-again').fill('four words or more');
  await page.getByTestId('export-write').click();
  await expect(page.getByTestId('export-path')).toHaveText(/parlance-config\.toml\.age$/);
  await expect(page.getByTestId('export-missing')).toContainText('1 key could not be read and is not in it.');
  expect(await everything(page)).not.toContain('four words');
});

test('the demo has nothing to import or export', async ({ page, open }) => {
  await open('scene=empty&pace=2');
  await page.getByTestId('open-demo').click();
  await page.getByTestId('nav-providers').click();
  await expect(page.getByTestId('provider-item')).toHaveCount(1);
  await expect(page.getByRole('button', { name: 'More for providers' })).toHaveCount(0);
});

for (const theme of ['light', 'dark']) {
  test(`import and export in ${theme} pass axe and fit a small window`, async ({ page, open }) => {
    await open(`scene=chat&pace=2&theme=${theme}`);
    await toImport(page);
    expect(await axeFindings(page)).toEqual([]);
    await give(page, 'long.toml', '[[llm.providers]]');
    await expect(page.getByTestId('import-provider')).toHaveCount(3);
    expect(await axeFindings(page)).toEqual([]);
    await page.setViewportSize({ width: 720, height: 560 });
    const overflow = await dialog(page).evaluate((box) => box.scrollWidth - box.clientWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    await page.getByTestId('import-take').click();
    await expect(page.getByTestId('import-show')).toBeVisible();
    expect(await axeFindings(page)).toEqual([]);
  });
}
