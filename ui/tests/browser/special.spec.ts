import type { Page } from '@playwright/test';
import { everything } from './keys';
import { axeFindings, chatNamed, expect, lastAnswer, test } from './page';
import { add, openProvider } from './special';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYCANARYKEY1';
const PAIR = `export AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE"\nexport AWS_SECRET_ACCESS_KEY="${SECRET}"\n`;
const FILE = JSON.stringify({
  type: 'service_account',
  project_id: 'harbor-lab',
  private_key: '-----BEGIN PRIVATE KEY-----\nMIIEvCANARYCANARY\n-----END PRIVATE KEY-----\n',
  client_email: 'chat@harbor-lab.iam.gserviceaccount.com',
});

const account = (page: Page, at = 0) => page.getByTestId('account').nth(at);

/** As the clipboard does it. */
async function pasteInto(page: Page, field: string, text: string) {
  await page.getByTestId(field).evaluate((element, given) => {
    const data = new DataTransfer();
    data.setData('text/plain', given);
    element.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
    );
  }, text);
}

test.describe('setting up', () => {
  test('Bedrock: the region makes the address, a pasted block makes the pair', async ({ page, open }) => {
    await open('scene=chat&vendors=special&pace=2');
    await add(page, 'amazon-bedrock');
    const made = page.getByTestId('made-address');
    await expect(made).toHaveText('https://bedrock-runtime.us-east-1.amazonaws.com');
    const region = page.getByTestId('vendor-field-region');
    await region.fill('');
    await expect(made).toHaveText('https://bedrock-runtime.Region.amazonaws.com');
    await page.getByTestId('provider-save').click();
    await expect(region).toBeFocused();
    await expect(region).toHaveAttribute('aria-invalid', 'true');
    await region.fill('eu-central-1');
    await pasteInto(page, 'aws-api-key', PAIR);
    await expect(page.getByTestId('aws-pair')).toHaveAttribute('aria-checked', 'true');
    await expect(page.getByTestId('aws-id')).toHaveValue('AKIAIOSFODNN7EXAMPLE');
    await expect(page.getByTestId('aws-secret')).toHaveAttribute('type', 'password');
    await expect(page.getByTestId('aws-paste')).toHaveText(/taken apart/);
    await page.getByTestId('provider-save').click();
    await expect(account(page).getByTestId('account-identity')).toHaveText('Access keyAKIAIOSFODNN7EXAMPLE');
    await expect(page.getByTestId('provider-url')).toHaveValue(
      'https://bedrock-runtime.eu-central-1.amazonaws.com',
    );
    await expect(page.getByTestId('field-region')).toHaveValue('eu-central-1');
    expect(await everything(page)).not.toContain(SECRET);
  });

  test('Bedrock: a profile and the environment ask for no store, an empty pair says what is missing', async ({
    page,
    open,
  }) => {
    await open('scene=special&pace=2&keyring=waits');
    await openProvider(page, 'Bedrock');
    await account(page, 3).getByTestId('replace-key').click();
    await page.getByTestId('aws-api-key').press('Escape');
    await expect(page.getByTestId('credential-entry')).toHaveCount(0);
    await account(page, 3).getByTestId('replace-key').click();
    await page.getByTestId('aws-pair').click();
    await page.getByTestId('key-save').click();
    await expect(page.getByTestId('aws-id')).toBeFocused();
    await expect(page.getByTestId('aws-secret')).toHaveAttribute('aria-invalid', 'true');
    await page.getByTestId('aws-pair').press('ArrowRight');
    await expect(page.getByTestId('aws-profile')).toBeFocused();
    await expect(page.getByTestId('key-elsewhere')).toHaveCount(0);
    await page.getByTestId('aws-profile-name').fill('harbor');
    await page.getByTestId('aws-profile-name').press('Enter');
    await expect(account(page, 3).getByTestId('account-identity')).toHaveText('Profileharbor');
    await expect(account(page, 3)).toContainText('Read at each use');
    await account(page, 3).getByTestId('replace-key').click();
    await page.getByTestId('aws-environment').click();
    await page.getByTestId('key-save').click();
    await expect(account(page, 3).getByTestId('account-identity')).toHaveText('From the environment');
  });

  test('Vertex: the place has an address of its own, a chosen file says whose it is', async ({
    page,
    open,
  }) => {
    await open('scene=chat&vendors=special&pace=2');
    await add(page, 'vertex');
    await page.getByTestId('vendor-field-project').fill('harbor-lab');
    const made = page.getByTestId('made-address');
    await expect(made).toHaveText(
      'https://aiplatform.googleapis.com/v1/projects/harbor-lab/locations/global',
    );
    await page.getByTestId('vendor-field-location').fill('europe-west4');
    await expect(made).toHaveText(
      'https://europe-west4-aiplatform.googleapis.com/v1/projects/harbor-lab/locations/europe-west4',
    );
    const text = page.getByTestId('google-text');
    await text.fill('{"type": "external_account"}');
    await expect(page.getByTestId('google-hint')).toContainText(
      'This is a file of the kind external_account.',
    );
    await page.getByTestId('provider-save').click();
    await expect(text).toBeFocused();
    await page
      .getByTestId('google-chooser')
      .setInputFiles({ name: 'key.json', mimeType: 'application/json', buffer: Buffer.from(FILE) });
    await expect(page.getByTestId('google-file')).toContainText('chat@harbor-lab.iam.gserviceaccount.com');
    await expect(text).toHaveCount(0);
    await page.getByTestId('provider-save').click();
    await expect(account(page).getByTestId('account-identity')).toHaveText(
      'Service accountchat@harbor-lab.iam.gserviceaccount.com',
    );
    await expect(page.getByTestId('google-kept')).toContainText('Only the private key is kept secret.');
    expect(await everything(page)).not.toContain('CANARY');
  });

  test('Vertex: a file is dropped, a huge one is refused, a variable is read instead', async ({
    page,
    open,
  }) => {
    await open('scene=special&pace=2');
    await openProvider(page, 'Vertex');
    await page.getByTestId('replace-key').click();
    const drop = (content: string) =>
      page.getByTestId('google-text').evaluate((element, given) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([given], 'key.json', { type: 'application/json' }));
        element.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
      }, content);
    await drop('x'.repeat(70_000));
    await expect(page.getByTestId('google-hint')).toContainText('too long for a key file');
    await drop(FILE);
    await expect(page.getByTestId('google-file')).toContainText('Project harbor-lab');
    await page.getByTestId('google-again').click();
    await expect(page.getByTestId('google-text')).toBeFocused();
    await page.getByTestId('source-env').click();
    await expect(page.getByTestId('provider-env')).toHaveValue('GOOGLE_CREDENTIALS');
    await page.getByTestId('key-save').click();
    await expect(account(page)).toContainText('GOOGLE_CREDENTIALS');
  });

  test('Azure: the address says what may be pasted; another address stands behind a made one', async ({
    page,
    open,
  }) => {
    await open('scene=chat&vendors=special&pace=2');
    await add(page, 'azure-openai');
    await expect(page.getByTestId('provider-form')).toContainText('the whole target URI of a deployment');
    await page.getByTestId('provider-vendor').selectOption('amazon-bedrock');
    await page.getByTestId('another-address').click();
    await expect(page.getByTestId('made-address')).toHaveCount(0);
    await page.getByTestId('provider-save').click();
    await expect(page.getByTestId('provider-url')).toBeFocused();
    await page.getByTestId('provider-url').fill('https://bedrock.harbor.example');
    await page.getByTestId('aws-environment').click();
    await page.getByTestId('provider-save').click();
    await expect(page.getByTestId('provider-url')).toHaveValue('https://bedrock.harbor.example');
  });

  test('what has no address and no key asks for neither', async ({ page, open }) => {
    await open('scene=chat&vendors=special&pace=2');
    await add(page, 'human-relay');
    const form = page.getByTestId('provider-form');
    await expect(form.getByTestId('form-notice')).toContainText('You are the connection');
    await expect(form.getByTestId('provider-url')).toHaveCount(0);
    await expect(form.getByTestId('provider-key')).toHaveCount(0);
    await page.getByTestId('provider-save').click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Human Relay');
    await expect(page.getByTestId('provider-notice')).toContainText('You are the connection');
    for (const id of ['provider-check', 'fetch-models', 'limits', 'provider-url', 'add-key']) {
      await expect(page.getByTestId(id)).toHaveCount(0);
    }
    await expect(page.getByTestId('add-model')).toHaveText('Add a web chat');
  });

  test('Claude Code is looked for, and not its key', async ({ page, open }) => {
    await open('scene=special&pace=20');
    await openProvider(page, 'Claude Code');
    await expect(page.getByTestId('add-key')).toHaveCount(0);
    await expect(page.getByTestId('provider-notice')).toContainText('starts the claude program');
    // It may be shown for less time than a look from outside takes.
    const looking = 'Looking for the claude program and asking for its version.';
    await page.evaluate((words) => {
      const seen = () => document.body.textContent.includes(words) && (document.body.dataset.seen = 'yes');
      new MutationObserver(seen).observe(document.body, {
        subtree: true,
        childList: true,
        characterData: true,
      });
    }, looking);
    await page.getByTestId('provider-check').click();
    await expect(page.getByTestId('provider-check-result')).toContainText('of version 2.1.200, which fits');
    await expect(page.locator('body')).toHaveAttribute('data-seen', 'yes');
  });
});

test.describe('signing in', () => {
  test('nothing begins before the person says so; the code is copied, the page opened by a click', async ({
    page,
    open,
    context,
  }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await open('scene=chat&vendors=special&pace=2&signin=waits');
    await add(page, 'copilot');
    await expect(page.getByTestId('signs-in')).toBeVisible();
    await expect(page.getByTestId('provider-key')).toHaveCount(0);
    await page.getByTestId('provider-save').click();
    const dialog = page.getByTestId('sign-in-dialog');
    await expect(dialog.getByTestId('sign-in-notice')).toContainText('no public API');
    await expect(dialog).toContainText('The token goes into GNOME Keyring');
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await expect(page.getByTestId('user-code')).toHaveCount(0);
    expect(await axeFindings(page, { within: 'dialog' })).toEqual([]);
    await page.getByTestId('sign-in-begin').click();
    await expect(page.getByTestId('user-code')).toHaveText('WDJB-MJHT');
    await expect(page.getByTestId('copy-code')).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('copy-code')).toHaveText('Copied');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('WDJB-MJHT');
    await expect(page.getByTestId('sign-in-page')).toHaveText('https://github.com/login/device');
    await expect(page.getByTestId('time-left')).toHaveText(/1\d min \d+ s left/);
    expect(await axeFindings(page, { within: 'dialog' })).toEqual([]);
    await page.getByTestId('open-page').click();
    await expect(page.getByTestId('link-dialog')).toHaveCount(0);
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
    await expect(page.getByTestId('sign-in')).toBeVisible();
    await expect(page.getByTestId('provider-item').filter({ hasText: 'Copilot' })).toContainText(
      'Not signed in',
    );
  });

  test('the clock moves nothing', async ({ page, open }) => {
    await open('scene=special&signin=waits&code-s=61');
    await openProvider(page, 'Copilot');
    await page.getByTestId('replace-key').click();
    await page.getByTestId('sign-in-begin').click();
    const left = page.getByTestId('time-left');
    const box = () =>
      page.getByTestId('sign-in-dialog').evaluate((dialog) => {
        const { width, height } = dialog.getBoundingClientRect();
        const clock = dialog.querySelector('[data-testid="time-left"]')?.getBoundingClientRect();
        return [width, height, clock?.left, clock?.width];
      });
    await expect(left).toHaveText(/1 min \d s left/);
    const before = await box();
    await expect(left).toHaveText(/^5\d s left/);
    expect(await box()).toEqual(before);
    await expect(page.getByTestId('sign-in-said')).toContainText('W D J B - M J H T');
  });

  test('an account says who it is, another is added, and one that was called off goes again', async ({
    page,
    open,
  }) => {
    await open('scene=special&pace=2');
    await openProvider(page, 'Copilot');
    await expect(account(page).getByTestId('account-identity')).toHaveText('Signed in asada-lovelace');
    await page.getByTestId('add-key').click();
    await page.getByTestId('sign-in-dialog').getByRole('button', { name: 'Cancel' }).click();
    await expect(page.getByTestId('account')).toHaveCount(1);
    await page.getByTestId('add-key').click();
    await page.getByTestId('sign-in-begin').click();
    await expect(page.getByTestId('sign-in-end')).toContainText('You are signed in as harbor-works.');
    await expect(page.getByTestId('sign-in-close')).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(account(page, 1).getByTestId('account-identity')).toHaveText('Signed in asharbor-works');
    await expect(account(page, 1).getByTestId('replace-key')).toHaveText('Sign in again');
    await account(page, 1).getByRole('button', { name: 'More for Account 2' }).click();
    await page.getByRole('menuitem', { name: 'Remove account' }).click();
    await expect(page.getByTestId('remove-key-dialog')).toContainText('Remove harbor-works?');
    await page.getByTestId('remove-key-sure').click();
    await expect(page.getByTestId('account')).toHaveCount(1);
  });

  for (const [manner, words] of [
    ['denied', 'You declined at the vendor’s page.'],
    ['expired', 'The code was not entered in time.'],
    ['refused', 'The vendor refused it.'],
    ['unkept', 'Your keyring took the token and did not give the same back'],
    ['no-code', 'The sign-in did not work.'],
  ] as const) {
    test(`a sign-in that ends as ${manner} says so and can begin again`, async ({ page, open }) => {
      await open(`scene=special&pace=2&signin=${manner}`);
      await openProvider(page, 'Copilot');
      await page.getByTestId('replace-key').click();
      await page.getByTestId('sign-in-begin').click();
      await expect(page.getByTestId('sign-in-end')).toContainText(words);
      await expect(page.getByTestId('sign-in-again')).toBeFocused();
      expect(await axeFindings(page, { within: 'dialog' })).toEqual([]);
      await page.getByTestId('sign-in-again').click();
      await expect(page.getByTestId('sign-in-end')).toContainText(words);
      await page.keyboard.press('Escape');
      await expect(account(page).getByTestId('account-identity')).toHaveText('Signed in asada-lovelace');
      await expect(page.getByTestId('replace-key')).toBeFocused();
    });
  }

  test('without a keyring the place is asked for first, and no variable is offered', async ({
    page,
    open,
  }) => {
    await open('scene=special&pace=2&keyring=unavailable');
    await openProvider(page, 'Copilot');
    await page.getByTestId('replace-key').click();
    await expect(page.getByTestId('sign-in-dialog')).toContainText('Where the token is kept is asked next.');
    await page.getByTestId('sign-in-begin').click();
    await expect(page.getByTestId('where-dialog')).toContainText('Where shall Parlance keep this token?');
    await expect(page.getByTestId('where-dialog')).not.toContainText(/paste|key is|the key /);
    await expect(page.getByTestId('where-env')).toHaveCount(0);
    await page.getByTestId('where-session').check();
    await page.getByTestId('where-use').click();
    await expect(page.getByTestId('sign-in-end')).toContainText('You are signed in as ada-lovelace.');
    await page.getByTestId('sign-in-close').click();
    await expect(account(page)).toContainText('this session only');
  });

  test('a page that gives doubts is shown before it is opened', async ({ page, open }) => {
    await open('scene=special&signin=waits&code-page=http%3A%2F%2Fgithub.example%2F');
    await openProvider(page, 'Copilot');
    await page.getByTestId('replace-key').click();
    await page.getByTestId('sign-in-begin').click();
    await page.getByTestId('open-page').click();
    await expect(page.getByTestId('link-dialog')).toContainText('github.example');
  });
});

test.describe('what is left of a plan', () => {
  for (const [manner, said, metered] of [
    ['some', '212.5 of 300 left', true],
    ['over', 'All 1,500 are used, and 12 more', true],
    ['used', 'All 50 are used', true],
    ['bare', '40 left', false],
    ['unlimited', 'No limit', false],
  ] as const) {
    test(`${manner}: is asked for on a click and stands with its meter and its day`, async ({
      page,
      open,
    }) => {
      await open(`scene=special&pace=2&quota=${manner}`);
      await openProvider(page, 'Copilot');
      await expect(page.getByTestId('quota')).toHaveCount(0);
      await page.getByTestId('look-balance').click();
      const quota = page.getByTestId('quota');
      await expect(quota).toContainText(said);
      await expect(page.getByTestId('balance')).toContainText('Premium requests');
      await expect(page.getByTestId('balance')).toContainText(/As the provider said at \d\d:\d\d\./);
      await expect(quota.locator('svg')).toHaveCount(metered ? 1 : 0);
      if (manner === 'unlimited') await expect(quota).not.toContainText('Begins anew');
      else await expect(quota).toContainText('Begins anew on 1 Jan.');
    });
  }
});

test.describe('carried by a person', () => {
  test('a web chat is added by its name, and has no price and no abilities', async ({ page, open }) => {
    await open('scene=special&pace=2');
    await openProvider(page, 'Human Relay');
    await expect(page.getByRole('columnheader')).toHaveText([/Web chat/, /Context/, /.*/]);
    await expect(page.getByTestId('model-row').first().getByRole('cell')).toHaveCount(3);
    await page.getByTestId('add-model').click();
    const dialog = page.getByTestId('model-dialog');
    await expect(dialog).toContainText('Add a web chat');
    for (const id of ['model-name', 'model-longest', 'can-images']) {
      await expect(dialog.getByTestId(id)).toHaveCount(0);
    }
    await dialog.getByTestId('model-id').fill('web chat B');
    await dialog.getByTestId('model-save').click();
    await expect(page.getByTestId('model-row').filter({ hasText: 'web chat B' })).toBeVisible();
  });

  test('what waited before the start is in the chat, marked in the list, and answered', async ({
    page,
    open,
    context,
  }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await open('scene=special&pace=2');
    const row = chatNamed(page, 'Questions for the web chat');
    await expect(row.getByRole('img', { name: 'Waits for you' })).toBeVisible();
    await row.click();
    await expect(page.getByTestId('chat-waits')).toHaveText('Waits for you');
    const panel = page.getByTestId('relay');
    const prompt = page.getByTestId('relay-prompt');
    await expect(page.getByTestId('relay-whole')).toHaveAttribute('aria-checked', 'true');
    await expect(prompt).toContainText('## Assistant');
    await expect(page.getByTestId('relay-files')).toContainText('latency-nov.csv');
    await page.getByTestId('relay-copy').click();
    await expect(page.getByTestId('relay-copy')).toHaveText('Copied');
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toContain('Explain it with the picture and the table.');
    const field = page.getByTestId('relay-answer');
    await page.getByTestId('relay-submit').click();
    await expect(page.getByTestId('relay-trouble')).toHaveText('Paste the answer first.');
    await expect(field).toBeFocused();
    await field.fill(copied);
    await field.press('Control+Enter');
    await expect(page.getByTestId('relay-trouble')).toContainText('This is the prompt itself.');
    await page.getByTestId('relay-last').click();
    await expect(prompt).toHaveText('Explain it with the picture and the table.');
    await field.fill('The picture says **nothing**.');
    // What was typed outlives a look elsewhere.
    await chatNamed(page, 'Batching').click();
    await expect(panel).toHaveCount(0);
    await row.click();
    await expect(field).toHaveValue('The picture says **nothing**.');
    await field.press('Control+Enter');
    await expect(panel).toHaveCount(0);
    await expect(lastAnswer(page)).toContainText('The picture says nothing.');
    const status = lastAnswer(page).getByTestId('message-status');
    await expect(status).toContainText('carried by you');
    await expect(status.locator('[data-part="cost"]')).toHaveText('free');
    await expect(status).not.toContainText(/tok|≈|\$| in|first token/);
    await expect(row.getByRole('img', { name: 'Waits for you' })).toHaveCount(0);
    await expect(page.getByTestId('chat-waits')).toHaveCount(0);
  });

  test('a new message waits at once, and Stop ends that without a toast', async ({ page, open }) => {
    await open('scene=special&pace=2');
    await page.evaluate(() => {
      const { app } = window as unknown as {
        app: { session: { chat: { target: unknown } } };
      };
      app.session.chat.target = { kind: 'model', providerId: 'p-relay', model: 'web chat A' };
    });
    await page.getByTestId('composer').fill('One question');
    await page.getByTestId('composer').press('Enter');
    await expect(page.getByTestId('relay-prompt')).toHaveText('One question');
    await expect(page.getByTestId('announcer')).toHaveText('A prompt waits to be carried to web chat A.');
    await expect(page.getByTestId('waits-for-you')).toContainText('Waits for you since');
    await page.getByTestId('relay-answer').fill('half');
    await page.getByTestId('relay-answer').press('Escape');
    await expect(page.getByTestId('relay-answer')).toHaveValue('half');
    await page.getByTestId('relay-stop').click();
    await expect(page.getByTestId('relay')).toHaveCount(0);
    await expect(lastAnswer(page)).toHaveAttribute('data-status', 'cancelled');
    await expect(page.getByTestId('error')).toHaveCount(0);
  });
});
