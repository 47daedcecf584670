import type { Page } from '@playwright/test';
import { expect } from './page';

/** Opens the page of a provider that is there. */
export async function openProvider(page: Page, name: string) {
  await page.getByTestId('nav-providers').click();
  await page.getByTestId('provider-item').filter({ hasText: name }).first().click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(name);
}

/** Opens the form for a vendor. */
export async function add(page: Page, vendor: string) {
  await page.getByTestId('nav-providers').click();
  await page.getByTestId('add-provider').click();
  await page.getByTestId('provider-vendor').selectOption(vendor);
}
