import type { Page } from '@playwright/test';
import { everything } from './keys';
import { axeFindings, expect, test } from './page';

const item = (page: Page, name: string) => page.getByTestId('provider-item').filter({ hasText: name });
const fold = (page: Page, name: string) => page.getByTestId(name).locator('summary').first();
const row = (page: Page, model: string) => page.locator(`[data-testid="model-row"][data-model="${model}"]`);

async function openProvider(page: Page, name: string) {
  await page.getByTestId('nav-providers').click();
  await item(page, name).first().click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(name);
}

test('limits save one by one, keep what was refused, and are there again later', async ({ page, open }) => {
  await open('scene=keys&pace=2');
  await openProvider(page, 'Anthropic');
  const limits = page.getByTestId('limits');
  const requests = page.getByTestId('limit-requests');
  await expect(requests).toHaveAttribute('placeholder', 'no limit');
  await requests.fill('50');
  await requests.press('Enter');
  await expect(limits.getByText('Saved')).toBeVisible();
  await expect(requests).toBeFocused();
  const concurrent = page.getByTestId('limit-concurrent');
  await concurrent.fill('four');
  await page.getByTestId('limit-first').fill('30');
  await expect(concurrent).toHaveAttribute('aria-invalid', 'true');
  await expect(limits).toContainText('A whole number of 1 or more. Empty takes the limit away.');
  await page.getByTestId('limit-first').press('Tab');
  await concurrent.fill('5000');
  await concurrent.press('Enter');
  await expect(limits).toContainText('This number is too small or too large.');
  // Another page and back: nothing that was typed is lost, nothing that was kept either.
  await item(page, 'OpenRouter').click();
  await expect(page.getByTestId('limit-requests')).toHaveValue('');
  await item(page, 'Anthropic').click();
  await expect(concurrent).toHaveValue('5000');
  await expect(requests).toHaveValue('50');
  await expect(page.getByTestId('limit-first')).toHaveValue('30');
  await concurrent.focus();
  await concurrent.press('Escape');
  await expect(concurrent).toHaveValue('');
  await expect(concurrent).not.toHaveAttribute('aria-invalid', 'true');
});

test('what was typed is saved when its field is left by going away', async ({ page, open }) => {
  await open('scene=keys&pace=2');
  await openProvider(page, 'Anthropic');
  await page.getByTestId('limit-requests').fill('60');
  await page.keyboard.press('Control+1');
  await expect(page.getByTestId('limit-requests')).toHaveCount(0);
  await openProvider(page, 'OpenAI');
  await expect(page.getByTestId('limit-requests')).toHaveValue('');
  await openProvider(page, 'Anthropic');
  await expect(page.getByTestId('limit-requests')).toHaveValue('60');
});

test('a header of the key is refused with its reason, and what was typed stays', async ({ page, open }) => {
  await open('scene=keys&pace=2');
  await openProvider(page, 'Anthropic');
  await page.getByTestId('add-header').click();
  await expect(page.getByTestId('header-name')).toBeFocused();
  await page.getByTestId('header-name').fill('Authorization');
  await page.getByTestId('header-value').fill('Bearer 123');
  await page.getByTestId('header-save').click();
  await expect(
    page.getByText('The key of this provider goes into that header. Give it under Keys.'),
  ).toBeVisible();
  await expect(page.getByTestId('header-value')).toHaveValue('Bearer 123');
  await page.getByTestId('header-name').fill('x-title');
  await expect(page.getByTestId('header-secret')).not.toBeChecked();
  await page.getByTestId('header-value').fill('Parlance');
  await page.getByTestId('header-save').click();
  const header = page.getByTestId('header');
  await expect(header).toContainText('x-title');
  await expect(header).toContainText('Parlance');
  await expect(header.getByRole('button', { name: 'Change x-title' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.getByTestId('header-value').fill('Harbor');
  await page.getByTestId('header-value').press('Enter');
  await expect(header).toContainText('Harbor');
  await header.getByRole('button', { name: 'Remove x-title' }).click();
  await expect(header).toHaveCount(0);
  await expect(page.getByTestId('add-header')).toBeFocused();
  await expect(page.getByTestId('announcer')).toHaveText('x-title is removed.');
});

test('the value of a header with a telling name goes where keys go, and never comes back', async ({
  page,
  open,
}) => {
  await open('scene=keys&pace=2');
  await openProvider(page, 'Anthropic');
  await page.getByTestId('add-header').click();
  await page.getByTestId('header-name').fill('cf-access-client-secret');
  await expect(page.getByTestId('header-secret')).toBeChecked();
  await expect(page.getByTestId('header-value')).toHaveAttribute('type', 'password');
  await page.getByTestId('header-value').fill('very-secret-words');
  await page.getByTestId('header-save').click();
  const header = page.getByTestId('header');
  await expect(header).toContainText('in GNOME Keyring');
  expect(await everything(page)).not.toContain('very-secret-words');
  await header.getByRole('button', { name: 'Change cf-access-client-secret' }).click();
  await expect(page.getByTestId('header-value')).toHaveValue('');
  await page.keyboard.press('Escape');
  await expect(header).toContainText('in GNOME Keyring');
});

test('a secret that was not kept leaves no header behind', async ({ page, open }) => {
  await open('scene=keys&pace=2&keyring=unavailable');
  await openProvider(page, 'Anthropic');
  await page.getByTestId('add-header').click();
  await page.getByTestId('header-name').fill('x-token');
  await page.getByTestId('header-value').fill('very-secret-words');
  await page.getByTestId('header-save').click();
  await page.getByTestId('where-dialog').getByRole('button', { name: 'Do not save' }).click();
  await expect(page.getByTestId('header-value')).toHaveValue('very-secret-words');
  await page.getByTestId('header-form').getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByTestId('header')).toHaveCount(0);
});

test('a model is added by its ID, changed and removed again', async ({ page, open }) => {
  await open('scene=keys&pace=2');
  await openProvider(page, 'Anthropic');
  await page.getByTestId('add-model').click();
  await expect(page.getByTestId('model-id')).toBeFocused();
  await page.getByTestId('model-save').click();
  await expect(page.getByText('Fill this in.')).toBeVisible();
  await page.getByTestId('model-id').fill('claude-next');
  await page.getByTestId('model-context').fill('lots');
  await page.getByTestId('model-save').click();
  await expect(page.getByText('A whole number, without points or letters.')).toBeVisible();
  await page.getByTestId('model-context').fill('500,000');
  await page.getByTestId('model-longest').fill('64000');
  await page.getByTestId('can-tools').selectOption('yes');
  await page.getByTestId('model-save').click();
  await expect(page.getByTestId('model-dialog')).toHaveCount(0);
  const added = row(page, 'claude-next');
  await expect(added).toContainText('by hand');
  await expect(added).toContainText('500k');
  await expect(added).toContainText('longest answer 64k');
  await expect(added).toContainText('tools');
  await expect(page.getByTestId('announcer')).toHaveText('claude-next is added.');
  await added.getByRole('button', { name: 'What is known of claude-next' }).click();
  await page.getByTestId('model-name').fill('Claude Next');
  await page.getByTestId('model-name').press('Enter');
  await expect(added.getByTitle('claude-next, Claude Next')).toBeVisible();
  await added.getByRole('button', { name: 'What is known of claude-next' }).click();
  await page.getByTestId('model-forget').click();
  await expect(added).toHaveCount(0);
  await expect(page.getByTestId('add-model')).toBeFocused();
});

test('many models are shown and hidden at once, those of the filter alone', async ({ page, open }) => {
  await open('scene=models&pace=2');
  await openProvider(page, 'OpenRouter');
  const shown = page.getByTestId('models-shown');
  await expect(shown).toHaveText('1,995 of 1,995 shown in the picker');
  await page.getByTestId('filter-provider-models').fill('model-12');
  await expect(page.getByText('111 models', { exact: true })).toBeVisible();
  await expect(page.getByTestId('show-filtered')).toBeDisabled();
  await page.getByTestId('hide-filtered').click();
  await expect(shown).toHaveText('1,884 of 1,995 shown in the picker');
  await page.getByTestId('filter-provider-models').fill('');
  const all = page.getByTestId('show-all');
  expect(await all.evaluate((box: HTMLInputElement) => box.indeterminate)).toBe(true);
  await all.click();
  await expect(shown).toHaveText('1,995 of 1,995 shown in the picker');
  await all.click();
  await expect(shown).toHaveText('0 of 1,995 shown in the picker');
});

test('two thousand models are a window of rows that the page scrolls, and the keyboard walks', async ({
  page,
  open,
}) => {
  await open('scene=models&pace=2');
  await openProvider(page, 'OpenRouter');
  const built = () => page.getByTestId('model-row').count();
  expect(await built()).toBeLessThan(70);
  const inner = await page.getByRole('table').evaluate((table) => {
    const scroller = table.closest('[data-scroller]');
    let at = table.parentElement;
    while (at && at !== scroller && getComputedStyle(at).overflowY !== 'auto') at = at.parentElement;
    return at === scroller;
  });
  expect(inner).toBe(true);
  const first = row(page, 'anthropic/claude-sonnet-4.5').getByRole('checkbox');
  await first.focus();
  await page.keyboard.press('End');
  await expect(row(page, 'lab-29/model-1989').getByRole('checkbox')).toBeFocused();
  await expect(row(page, 'lab-29/model-1989').getByRole('checkbox')).toBeInViewport();
  expect(await built()).toBeLessThan(70);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(
    row(page, 'lab-29/model-1989').getByRole('button', { name: 'lab-29/model-1989 is a favourite' }),
  ).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('ArrowUp');
  await expect(row(page, 'lab-28/model-1988').getByRole('button').first()).toBeFocused();
  // Scrolled out of sight, the row with the focus stays.
  await page.locator('[data-scroller]').evaluate((scroller) => scroller.scrollTo(0, 0));
  await expect(first).toBeInViewport();
  await expect(row(page, 'lab-28/model-1988').getByRole('button').first()).toBeFocused();
});

test('the balance is asked for on a click, key by key', async ({ page, open }) => {
  await open('scene=keys&pace=2&rejected=a-router');
  await openProvider(page, 'Anthropic');
  await expect(page.getByTestId('spend-total')).toHaveText('$18.20');
  await expect(page.getByTestId('spend')).toContainText('$14.02');
  await expect(page.getByTestId('account-spent').first()).toHaveText('$14.02 this month');
  await expect(page.getByTestId('balance')).toHaveCount(0);
  await item(page, 'OpenRouter').click();
  await expect(page.getByTestId('spend-total')).toHaveText('Nothing yet');
  await page.getByTestId('look-balance').click();
  await expect(page.getByTestId('balance')).toContainText('rejected the key');
  await page.reload();
  await open('scene=keys&pace=2');
  await openProvider(page, 'OpenRouter');
  await page.getByTestId('look-balance').click();
  await expect(page.getByTestId('balance')).toContainText(/12\.40 USD.*As the provider said at \d\d:\d\d\./);
});

test('an address in clear is asked about: https, in clear, or not at all', async ({ page, open }) => {
  await open('scene=keys&pace=2');
  await openProvider(page, 'OpenRouter');
  const address = page.getByTestId('provider-url');
  const dialog = page.getByTestId('clear-dialog');
  await address.fill('http://llm.harbor.example/v1');
  await address.press('Enter');
  await expect(dialog).toContainText('would go to llm.harbor.example readable to everybody on the way');
  await expect(page.getByTestId('clear-https')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(address).toHaveValue('http://llm.harbor.example/v1');
  await expect(page.getByText('Not saved: the key would travel in clear to this address.')).toBeVisible();
  await address.press('Enter');
  await page.getByTestId('clear-https').click();
  await expect(address).toHaveValue('https://llm.harbor.example/v1');
  await expect(page.getByTestId('in-clear')).toHaveCount(0);
  await address.fill('http://llm.harbor.example/v1');
  await address.press('Enter');
  await page.getByTestId('clear-send').click();
  await expect(page.getByTestId('in-clear')).toContainText(
    'The key travels to llm.harbor.example readable to everybody on the way.',
  );
  await expect(address).toHaveValue('http://llm.harbor.example/v1');
});

test('the last calls are bars, figures and a sentence, and say so where there are none', async ({
  page,
  open,
}) => {
  await open('scene=keys&pace=2');
  await openProvider(page, 'Anthropic');
  const calls = page.getByTestId('calls');
  await expect(calls.getByRole('img', { name: '2 of the last 20 calls failed: overloaded.' })).toBeVisible();
  await expect(calls.locator('[data-kind="failed"]')).toHaveCount(2);
  await expect(calls.locator('[data-kind="slow"]')).toHaveCount(2);
  await expect(calls.locator('dl')).toHaveText(
    /Answered\s*18\s*Failed\s*2 overloaded\s*Median first token\s*0\.78 s\s*Slowest 5 %\s*1\.2 s/,
  );
  const each = calls.getByRole('list', { name: 'Call by call' }).getByRole('listitem');
  await expect(each).toHaveCount(20);
  await expect(each.nth(5)).toHaveText(/^\d\d:\d\d, claude-opus-4-5: failed, overloaded$/);
  await expect(page.getByTestId('last-error')).toContainText('Anthropic is overloaded (529).');
  await item(page, 'OpenAI').first().click();
  await expect(page.getByTestId('calls-how')).toHaveText('Answers well. Median 0.78 s.');
  await expect(page.getByTestId('last-error')).toHaveCount(0);
  await item(page, 'OpenRouter').click();
  await expect(page.getByTestId('calls-none')).toHaveText(
    'No calls yet. The first answer shows here how fast it came.',
  );
});

test('a key that rests says until when and why, one that is skipped what to do', async ({ page, open }) => {
  await open('scene=keys&pace=2&rests=a-work2&rejected=a-personal');
  await openProvider(page, 'Anthropic');
  const account = (name: string) => page.getByTestId('account').filter({ hasText: name });
  await expect(account('Work').getByTestId('key-rests')).toContainText(/Rests until \d\d:\d\d: throttled\./);
  await expect(account('Personal').getByTestId('key-rests')).toContainText('Skipped: key rejected.');
  await page.getByTestId('provider-check').click();
  await expect(page.getByTestId('key-rests')).toHaveCount(0);
});

test('fields of the vendor, a proxy with a password, model names, defaults and extra fields', async ({
  page,
  open,
}) => {
  await open('scene=keys&pace=2');
  await openProvider(page, 'OpenAI');
  await page.getByTestId('field-organization').fill('org-harbor');
  await page.getByTestId('proxy').selectOption('address');
  await expect(page.getByTestId('proxy-url')).toBeFocused();
  await page.getByTestId('proxy-url').fill('proxy');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('connection')).toContainText('This is no proxy.');
  await page.getByTestId('proxy-url').fill('http://proxy.example:8080');
  await page.keyboard.press('Enter');
  await page.getByTestId('proxy-user').fill('anna');
  await page.keyboard.press('Enter');
  const password = page.getByTestId('proxy-password');
  await password.getByRole('button', { name: 'Give one' }).click();
  await expect(page.getByTestId('provider-key')).toBeFocused();
  await page.keyboard.type('proxy-secret-words');
  await page.keyboard.press('Enter');
  await expect(password).toContainText('in GNOME Keyring');
  expect(await everything(page)).not.toContain('proxy-secret-words');

  await fold(page, 'mapping').click();
  await page.getByTestId('add-mapping').click();
  await page.getByTestId('mapping-asked').fill('everyday');
  await page.getByTestId('mapping-sent').fill('gpt-5.4-mini');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('mapping-row')).toContainText('gpt-5.4-mini');
  await fold(page, 'defaults').click();
  await page.getByTestId('default-temperature').fill('3');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('defaults')).toContainText('A number from 0 to 2.');
  await page.getByTestId('default-temperature').fill('0.7');
  await page.keyboard.press('Enter');
  await page.getByTestId('default-effort').selectOption('high');
  await fold(page, 'extras').click();
  await page.getByTestId('extras-field').fill('{"seed": 7');
  await page.getByTestId('extras-field').blur();
  await expect(page.getByTestId('extras')).toContainText('This is no JSON.');
  await page.getByTestId('extras-field').fill('{"seed": 7}');
  await page.getByTestId('extras-field').blur();
  await expect(page.getByTestId('extras')).toContainText('set');

  await openProvider(page, 'Anthropic');
  await openProvider(page, 'OpenAI');
  await expect(page.getByTestId('field-organization')).toHaveValue('org-harbor');
  await expect(page.getByTestId('proxy-url')).toHaveValue('http://proxy.example:8080');
  await expect(page.getByTestId('proxy-user')).toHaveValue('anna');
  await expect(fold(page, 'mapping')).toContainText('1');
  await expect(fold(page, 'defaults')).toContainText('2');
  await expect(page.getByTestId('extras-field')).toHaveValue('{"seed": 7}');
  await page.getByTestId('proxy').selectOption('system');
  await expect(page.getByTestId('proxy-url')).toHaveCount(0);
});

test('certificates come from a file or a paste, and what is none is refused', async ({ page, open }) => {
  await open('scene=keys&pace=2');
  await openProvider(page, 'OpenAI');
  await fold(page, 'more-connection').click();
  const field = page.getByTestId('ca-pem');
  const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
  await field.fill('hello');
  await field.blur();
  await expect(page.getByTestId('more-connection')).toContainText('No certificate can be read in this.');
  await expect(field).toHaveValue('hello');
  await page
    .locator('input[type="file"]')
    .setInputFiles({ name: 'ca.pem', mimeType: 'text/plain', buffer: Buffer.from(pem + pem) });
  await expect(page.getByTestId('more-connection')).toContainText('2 certificates');
  await expect(page.getByTestId('more-connection')).not.toContainText('No certificate can be read');
});

for (const theme of ['light', 'dark']) {
  test(`a page with everything open passes axe and does not overflow in ${theme}`, async ({ page, open }) => {
    await open(`scene=keys&pace=2&theme=${theme}&rests=a-work2&rejected=a-personal`);
    await openProvider(page, 'Anthropic');
    for (const name of ['more-limits', 'more-connection', 'mapping', 'defaults', 'extras'])
      await fold(page, name).click();
    await page.getByTestId('limit-concurrent').fill('none');
    await page.getByTestId('proxy').selectOption('address');
    await page.getByTestId('add-mapping').click();
    await page.getByTestId('add-header').click();
    await page.getByTestId('header-save').click();
    await page.getByTestId('provider-name').fill(`A${'very'.repeat(20)}long name`);
    await page.getByTestId('provider-name').press('Enter');
    const check = async () => {
      expect(await axeFindings(page)).toEqual([]);
    };
    await check();
    for (const width of [1440, 1024, 720]) {
      await page.setViewportSize({ width, height: 800 });
      const wide = await page.evaluate(() =>
        [
          ...document.querySelectorAll(
            'main button, main input, main select, main textarea, main h1, main .card',
          ),
        ]
          .filter((element) => {
            const box = element.getBoundingClientRect();
            return box.width > 0 && box.right > innerWidth + 1 && !element.classList.contains('vh');
          })
          .map((element) => element.outerHTML.slice(0, 120)),
      );
      expect(wide).toEqual([]);
    }
    await page.getByTestId('add-model').click();
    await expect(page.getByTestId('model-dialog')).toBeVisible();
    await check();
  });
}
