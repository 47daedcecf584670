import type { Page } from '@playwright/test';

/** Sixteen characters that are no vendor's beginning. */
export const TAIL = 'Ab12Cd34Ef56Gh78';

/** Pastes text into the field for keys, as the clipboard does. */
export async function paste(page: Page, text: string): Promise<void> {
  const field = page.getByTestId('paste-keys');
  await field.focus();
  await field.evaluate((element, given) => {
    const data = new DataTransfer();
    data.setData('text/plain', given);
    element.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
    );
  }, text);
}

export const row = (page: Page, vendor: string) =>
  page.locator(`[data-testid="connect-row"][data-vendor="${vendor}"]`);

/** Everything in the page that could hold a key: its markup, its fields, its address and its storage. */
export function everything(page: Page): Promise<string> {
  return page.evaluate(() =>
    [
      document.documentElement.outerHTML,
      ...[...document.querySelectorAll('input')].map((field) => field.value),
      location.href,
      JSON.stringify(localStorage),
      JSON.stringify(sessionStorage),
    ].join('\n'),
  );
}
