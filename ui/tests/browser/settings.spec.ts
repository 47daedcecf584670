import type { Page } from '@playwright/test';
import { axeFindings, chatNamed, expect, test } from './page';

const PAGES = ['general', 'appearance', 'shortcuts', 'costs', 'providers', 'data', 'keys', 'about'];

async function go(page: Page, name: string) {
  await page.getByTestId('nav-settings').click();
  await page.getByTestId(`settings-page-${name}`).click();
}

const style = (page: Page, name: string) =>
  page.evaluate((asked) => getComputedStyle(document.documentElement).getPropertyValue(asked).trim(), name);

test('what is chosen shows at once, is stored, and can be taken back', async ({ page, open }) => {
  await open('scene=chat&kept=settings-test');
  await go(page, 'appearance');
  await page.getByTestId('reading-size-18').click();
  await page.getByTestId('line-length-wide').click();
  await page.getByTestId('density-regular').click();
  await page.getByTestId('hues-off').click();
  await page.getByRole('switch', { name: 'Show the cost' }).click();
  expect(await style(page, '--read-size')).toBe('18px');
  expect(await style(page, '--read')).toBe('960px');
  expect(await style(page, '--row')).toBe('38px');
  await page.getByTestId('zoom-in').click();
  await expect(page.getByTestId('zoom')).toHaveText('110 %');
  await page.getByTestId('settings-page-general').click();
  await page.getByTestId('send-with-mod-enter').click();
  await page.reload();
  await page.waitForSelector('html[data-ready="true"]');
  expect(await style(page, '--read-size')).toBe('18px');
  await chatNamed(page, 'Batching').click();
  expect(await chatNamed(page, 'Batching').evaluate((row) => row.clientHeight)).toBe(38);
  await expect(page.getByTestId('message-assistant').first()).toBeVisible();
  await expect(page.locator('[data-part="cost"]').first()).toBeHidden();
  await go(page, 'general');
  await expect(page.getByTestId('send-with-mod-enter')).toHaveAttribute('aria-checked', 'true');
  await page.getByTestId('settings-page-appearance').click();
  await expect(page.getByTestId('zoom')).toHaveText('110 %');
  await page.getByTestId('zoom-reset').click();
  await page.getByRole('radio', { name: '14' }).click();
  expect(await style(page, '--read-size')).toBe('14px');
});

test('the last chat opens at the start where that is chosen', async ({ page, open }) => {
  await open('scene=chat&kept=start-test');
  await go(page, 'general');
  await page.getByTestId('start-with-last').click();
  await page.goto('about:blank');
  await open('scene=chat&kept=start-test');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Batching and tail latency');
});

test('settings are found by their names', async ({ page, open }) => {
  await open('scene=chat');
  await page.getByTestId('nav-settings').click();
  await page.getByTestId('settings-search').fill('hues');
  await expect(page.locator('[data-testid^="settings-page-"]')).toHaveText([/Appearance\s*Provider hues/]);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Appearance');
  await page.getByTestId('settings-search').fill('nothing like it');
  await page.getByRole('button', { name: 'Show all pages' }).click();
  await expect(page.locator('[data-testid^="settings-page-"]')).toHaveCount(PAGES.length);
});

test('a link shows where it leads, asks, and can be trusted from then on', async ({ page, open }) => {
  await open('scene=chat');
  const opened = () => page.evaluate(() => (window as { openedLinks?: string[] }).openedLinks ?? []);
  await go(page, 'about');
  await page.getByTestId('read-licence').click();
  const dialog = page.getByTestId('link-dialog');
  await expect(page.getByTestId('link-host')).toHaveText('www.apache.org');
  await expect(dialog).toContainText('https://www.apache.org/licenses/LICENSE-2.0');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('read-licence')).toBeFocused();
  expect(await opened()).toEqual([]);
  await page.getByTestId('read-licence').click();
  await page.getByTestId('link-remember').check();
  await page.getByTestId('link-open').click();
  await expect(dialog).toHaveCount(0);
  expect(await opened()).toHaveLength(1);
  await page.getByTestId('read-licence').click();
  await expect.poll(async () => (await opened()).length).toBe(2);
  await expect(dialog).toHaveCount(0);
  await page.getByTestId('settings-page-general').click();
  await page.getByRole('button', { name: 'Ask again for links of www.apache.org' }).click();
  await go(page, 'about');
  await page.getByTestId('read-licence').click();
  await expect(dialog).toBeVisible();
});

const links: [name: string, address: string, words: string][] = [
  ['a doubtful link', 'http://bank.example@xn--pple-43d.com:8080/', 'It may pretend to be another.'],
  ['a refused link', 'file:///etc/passwd', 'Parlance opens web pages and mail addresses only.'],
];

for (const theme of ['light', 'dark']) {
  for (const name of PAGES) {
    test(`settings, ${name}, in ${theme} pass axe and do not overflow`, async ({ page, open }) => {
      await open(`scene=chat&vault=open&theme=${theme}`);
      await go(page, name);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      expect(await axeFindings(page)).toEqual([]);
      await page.setViewportSize({ width: 720, height: 560 });
      expect(
        await page
          .locator('main')
          .evaluate(
            (main) =>
              [...main.querySelectorAll('*')].filter(
                (one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.vh'),
              ).length,
          ),
      ).toBe(0);
    });
  }
  for (const [name, address, words] of links) {
    test(`${name} in ${theme} says why, and passes axe`, async ({ page, open }) => {
      await open(`scene=chat&theme=${theme}&link=${encodeURIComponent(address)}`);
      await go(page, 'about');
      await page.getByTestId('read-licence').click();
      await expect(page.getByTestId('link-dialog')).toContainText(words);
      await expect(page.getByTestId('link-remember')).toHaveCount(0);
      expect(await axeFindings(page)).toEqual([]);
    });
  }
}
