import { chromium } from '@playwright/test';
const only = process.argv[2];
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const shots = {
  prices: ['scene=costs', async (p) => { await p.evaluate(() => window.app.show('prices')); await p.waitForSelector('[data-testid=price-row]'); }],
  pricesown: ['scene=costs&prices=trouble-absurd', async (p) => { await p.evaluate(() => window.app.show('prices')); await p.waitForSelector('[data-testid=price-row]'); await p.getByTestId('price-edit').first().click(); await p.getByTestId('price-save').click(); }],
  budgets: ['scene=costs&budgets=full', async (p) => { await p.evaluate(() => window.app.show('budgets')); await p.waitForSelector('[data-testid=budget]'); }],
  budgetdlg: ['scene=costs&budgets=full', async (p) => { await p.evaluate(() => window.app.show('budgets')); await p.getByTestId('add-budget').click(); await p.getByTestId('budget-scope-provider').click(); await p.getByTestId('budget-save').click(); }],
  provider: ['scene=costs&budgets=full', async (p) => { await p.getByTestId('nav-providers').click(); await p.waitForSelector('[data-testid=own-budgets]'); }],
  route: ['scene=costs&budgets=full', async (p) => { await p.getByTestId('nav-routes').click(); await p.getByTestId('route-item').nth(1).click(); await p.waitForSelector('[data-testid=own-budgets]'); }],
  composer: ['scene=costs&budgets=near', async (p) => { await p.getByTestId('composer').fill('Why is the sky blue? '.repeat(20)); await p.waitForTimeout(700); await p.getByTestId('context-gauge').click(); }],
  ask: ['scene=costs&budgets=ask', async (p) => { await p.getByTestId('composer').fill('Why is the sky blue?'); await p.getByTestId('composer').press('Enter'); await p.waitForSelector('[data-testid=over-budget]'); }],
  stop: ['scene=costs&budgets=stop', async (p) => { await p.getByTestId('composer').fill('Why is the sky blue?'); await p.waitForSelector('[data-testid=cost-note]'); }],
  warned: ['scene=costs&budgets=near&pace=20', async (p) => { await p.getByTestId('composer').fill('Why is the sky blue?'); await p.getByTestId('composer').press('Enter'); await p.waitForSelector('[data-testid=toast]'); }],
  settings: ['scene=costs', async (p) => { await p.getByTestId('nav-settings').click(); await p.getByTestId('settings-page-costs').click(); await p.getByTestId('message-limit').fill('abc'); await p.getByTestId('message-limit').press('Enter'); }],
  settingsprov: ['scene=costs', async (p) => { await p.getByTestId('nav-settings').click(); await p.getByTestId('settings-page-providers').click(); }],
};
for (const [name, [query, way]] of Object.entries(shots)) {
  if (only && !only.split(',').includes(name)) continue;
  for (const [w, h, theme] of [[1440, 900, 'light'], [1024, 700, 'dark'], [720, 560, 'light']]) {
    const page = await browser.newPage({ viewport: { width: w, height: h } });
    page.on('console', (l) => ['error', 'warning'].includes(l.type()) && console.log(name, l.text()));
    page.on('pageerror', (e) => console.log(name, e.message));
    try {
      await page.goto(`http://127.0.0.1:4291/?${query}&theme=${theme}`);
      await page.waitForSelector('html[data-ready="true"]');
      await way(page);
      await page.waitForTimeout(400);
    } catch (e) { console.log(name, w, String(e).slice(0, 300)); }
    await page.screenshot({ path: `/tmp/k/p9/pushots/${name}-${w}.png` });
    await page.close();
  }
}
await browser.close();
