import { everything, paste, row, TAIL } from './keys';
import { expect, test } from './page';

const ANTHROPIC = `sk-ant-api03-${TAIL}7QAA`;
const OPENAI = `sk-proj-${TAIL}Tb3A`;

test('several pasted keys are recognised, kept, tested, and nowhere in the page', async ({ page, open }) => {
  await open('scene=first-run&pace=2');
  await expect(page.getByTestId('paste-keys')).toBeFocused();
  await paste(page, `${ANTHROPIC}\n${OPENAI}\nsk-ant-bad-${TAIL}`);
  await expect(page.getByTestId('connect-row')).toHaveCount(3);
  const first = row(page, 'anthropic').first();
  await expect(first).toContainText('sk-ant…7QAA');
  await expect(first).toContainText('Works. Key accepted in 0.61 s, 8 models found.');
  await expect(first).toContainText('GNOME Keyring');
  await expect(row(page, 'openai')).toContainText('6 models found');
  await expect(row(page, 'anthropic').last()).toContainText('Anthropic rejected the key (401).');
  await expect(page.getByText('2 providers ready')).toBeVisible();
  const all = await everything(page);
  for (const key of [ANTHROPIC, OPENAI, `sk-ant-bad-${TAIL}`]) expect(all).not.toContain(key);
  await page.getByTestId('start-chatting').click();
  await page.getByTestId('nav-providers').click();
  await page.getByTestId('provider-item').filter({ hasText: 'Anthropic' }).click();
  await expect(page.getByTestId('account')).toHaveCount(2);
});

test('an ambiguous key is sent nowhere until somebody chooses', async ({ page, open }) => {
  await open('scene=first-run&pace=2');
  await paste(page, `sk-4f9c${TAIL}`);
  const asked = page.getByTestId('connect-row');
  await expect(asked).toContainText('Two providers use keys of this form');
  await expect(asked).toContainText('Nothing is sent until you choose.');
  await expect(asked).toHaveAttribute('data-phase', 'choose');
  await page.getByTestId('choose-deepseek').click();
  await expect(asked).toHaveAttribute('data-vendor', 'deepseek');
  await expect(asked).toContainText('Works.');
});

test('a key of no known form can be given to anyone, also by address', async ({ page, open }) => {
  await open('scene=first-run&pace=2');
  await paste(page, `${TAIL}${TAIL}`);
  await expect(page.getByTestId('connect-row')).toContainText('No provider is known by this form');
  await page.getByTestId('choose-other').selectOption('openai-compatible');
  await page
    .getByRole('textbox', { name: 'Address of the OpenAI-compatible server' })
    .fill('https://lab.example/v1');
  await page.getByRole('button', { name: 'Send it there' }).click();
  await expect(row(page, 'openai-compatible')).toContainText('Works.');
});

test('a typed key is hidden, can be shown while it is typed, and is taken with Enter', async ({
  page,
  open,
}) => {
  await open('scene=first-run&pace=2');
  const field = page.getByTestId('paste-keys');
  await field.pressSequentially(OPENAI);
  await expect(field).toHaveAttribute('type', 'password');
  await page.getByRole('button', { name: 'Show what is typed' }).click();
  await expect(field).toHaveAttribute('type', 'text');
  await field.press('Enter');
  await expect(field).toHaveValue('');
  await expect(row(page, 'openai')).toContainText('Works.');
});

test('what holds no key says so', async ({ page, open }) => {
  await open('scene=first-run&pace=2');
  await paste(page, 'the key is in my other bag');
  await expect(page.getByRole('alert')).toContainText('No key was found in that text.');
  await expect(page.getByTestId('connect-row')).toHaveCount(0);
});

test('a rejected key is tried again or taken back, and its provider with it', async ({ page, open }) => {
  await open('scene=first-run&pace=2');
  await paste(page, `sk-proj-bad-${TAIL}`);
  await expect(row(page, 'openai')).toContainText('OpenAI rejected the key (401).');
  await expect(page.getByTestId('start-chatting')).toHaveCount(0);
  await row(page, 'openai')
    .getByRole('button', { name: /^Remove OpenAI/ })
    .click();
  await expect(page.getByTestId('connect-row')).toHaveCount(0);
  await page.getByTestId('skip-onboarding').click();
  await page.getByTestId('nav-providers').click();
  await expect(page.getByTestId('provider-item')).toHaveCount(0);
});

test('Cancel while a key is tested takes it back', async ({ page, open }) => {
  await open('scene=first-run&pace=400');
  await paste(page, OPENAI);
  await expect(row(page, 'openai')).toHaveAttribute('data-phase', 'testing');
  await page.getByRole('button', { name: 'Cancel OpenAI' }).click();
  await expect(page.getByTestId('connect-row')).toHaveCount(0);
  await page.getByTestId('skip-onboarding').click();
  await page.getByTestId('nav-providers').click();
  await expect(page.getByTestId('provider-item')).toHaveCount(0);
});

test('variables and local servers are offered by name', async ({ page, open }) => {
  await open('scene=first-run&pace=2');
  const offer = page.getByTestId('env-offer');
  await expect(offer).toContainText('MISTRAL_API_KEY and GROQ_API_KEY are set in your environment.');
  await page.getByTestId('use-env').click();
  await expect(offer).toHaveCount(0);
  await expect(row(page, 'mistral')).toContainText('Works.');
  await expect(row(page, 'groq')).toContainText('the environment');
  const server = page.getByTestId('local-server');
  await expect(server).toHaveCount(1);
  await expect(server).toContainText('qwen3:14b, gemma3:12b and 2 more');
  await expect(page.getByText('Not running: LM Studio, llama.cpp, vLLM.')).toBeVisible();
  await page.getByTestId('add-server').click();
  await expect(server).toContainText('Added');
  await expect(row(page, 'ollama')).toContainText('Works. Answered in');
});

test.describe('without a keyring', () => {
  test('the first key asks where to go, and the session holds the next one too', async ({ page, open }) => {
    await page.setViewportSize({ width: 720, height: 560 });
    await open('scene=first-run&pace=2&keyring=unavailable');
    await paste(page, `${ANTHROPIC} ${OPENAI}`);
    const dialog = page.getByTestId('where-dialog');
    await expect(dialog).toContainText('GNOME Keyring does not answer on this computer');
    await expect(dialog).toBeInViewport({ ratio: 1 });
    await expect(page.getByTestId('where-vault')).toBeFocused();
    await page.getByTestId('where-session').check();
    await page.getByTestId('where-use').click();
    await expect(dialog).toHaveCount(0);
    await expect(row(page, 'anthropic')).toContainText('this session only');
    await expect(row(page, 'openai')).toContainText('this session only');
  });

  test('a file takes it, with a passphrase typed twice', async ({ page, open }) => {
    await open('scene=first-run&pace=2&keyring=unavailable');
    await paste(page, ANTHROPIC);
    await page.getByTestId('where-use').click();
    await expect(page.getByTestId('vault-create')).toContainText(
      'with a lost passphrase the keys in the file are lost',
    );
    await page.getByTestId('passphrase').fill('short');
    await page.getByTestId('passphrase-submit').click();
    await expect(page.getByText('3 more characters at least.')).toBeVisible();
    await page.getByTestId('passphrase').fill('four words are better');
    await page.getByTestId('passphrase-again').fill('four words are bitter');
    await page.getByTestId('passphrase-submit').click();
    await expect(page.getByText('The two are not the same.')).toBeVisible();
    await page.getByTestId('passphrase-again').fill('four words are better');
    await page.getByTestId('passphrase-again').press('Enter');
    await expect(row(page, 'anthropic')).toContainText('the encrypted file');
    expect(await everything(page)).not.toContain('four words');
  });

  test('a locked file asks for its passphrase first', async ({ page, open }) => {
    await open('scene=first-run&pace=2&keyring=unavailable&vault=locked');
    await paste(page, ANTHROPIC);
    await page.getByTestId('where-use').click();
    await page.getByTestId('passphrase').fill('wrong one');
    await page.getByTestId('passphrase-submit').click();
    await expect(page.getByText('That is not the passphrase. Try again.')).toBeVisible();
    await page.getByTestId('passphrase').fill('open sesame');
    await page.getByTestId('passphrase-submit').click();
    await expect(row(page, 'anthropic')).toContainText('the encrypted file');
  });

  test('a variable is read instead', async ({ page, open }) => {
    await open('scene=first-run&pace=2&keyring=unavailable&env=ANTHROPIC_API_KEY');
    await paste(page, ANTHROPIC);
    await page.getByTestId('where-env').check();
    await expect(page.getByTestId('where-variable')).toHaveValue('ANTHROPIC_API_KEY');
    await page.getByTestId('where-use').click();
    await expect(row(page, 'anthropic')).toContainText('the environment');
  });

  test('Escape saves nothing, and it can be tried again', async ({ page, open }) => {
    await open('scene=first-run&pace=2&keyring=unavailable');
    await paste(page, ANTHROPIC);
    await expect(page.getByTestId('where-dialog')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(row(page, 'anthropic')).toContainText('Not saved. Nothing was sent.');
    await page.getByTestId('row-again').click();
    await page.getByTestId('where-session').check();
    await page.getByTestId('where-use').click();
    await expect(row(page, 'anthropic')).toContainText('Works.');
  });
});

test('a keyring that forgets is named, and another place offered', async ({ page, open }) => {
  await open('scene=first-run&pace=2&keyring=forgets');
  await paste(page, ANTHROPIC);
  await expect(page.getByTestId('where-dialog')).toContainText('took the key and did not give the same back');
});

test('while the keyring waits, the rest of the page works, and Cancel ends the wait', async ({
  page,
  open,
}) => {
  await open('scene=first-run&pace=2&keyring=waits');
  await paste(page, ANTHROPIC);
  await expect(row(page, 'anthropic')).toContainText('Waiting for your keyring.');
  await page.getByTestId('add-server').click();
  await page.getByTestId('step-3').click();
  await page.getByTestId('theme-dark').click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.getByTestId('step-1').click();
  await page.getByRole('button', { name: 'Cancel Anthropic' }).click();
  await expect(row(page, 'anthropic')).toHaveCount(0);
  await expect(row(page, 'ollama')).toContainText('Works.');
});

test('the three steps by keyboard alone', async ({ page, open }) => {
  await open('scene=first-run&pace=2');
  await page.keyboard.type(ANTHROPIC);
  await page.keyboard.press('Enter');
  await expect(row(page, 'anthropic')).toContainText('Works.');
  await expect(page.getByTestId('paste-keys')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Choose a model to start with');
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('[data-model="claude-sonnet-4-5"]')).toBeChecked();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('How shall it look?');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('composer')).toBeFocused();
  await expect(page.getByTestId('model-chip')).toContainText('Claude Sonnet 4.5');
});

test('every step can be skipped, and the composer says what to do next', async ({ page, open }) => {
  await open('scene=first-run&pace=2');
  await page.getByTestId('step-next').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('No model to choose from yet');
  await page.getByTestId('step-next').click();
  await page.getByTestId('start-chatting').click();
  await expect(page.getByTestId('composer-next-step')).toContainText('Add a provider to ask something.');
  await page.getByTestId('composer-next-step').getByRole('button').click();
  await expect(page.getByTestId('paste-keys')).toBeFocused();
});

test('a server is connected by its address', async ({ page, open }) => {
  await open('scene=first-run&pace=2');
  await page.getByTestId('connect-by-address').click();
  await page.getByTestId('provider-vendor').selectOption('openai-compatible');
  await page.getByTestId('provider-url').fill('https://html.example/v1');
  await page.getByTestId('provider-save').click();
  const result = page.getByTestId('provider-check-result');
  await expect(result).toHaveAttribute('data-ok', 'false');
  await expect(result).toContainText('leads to a web page, not to its API');
});
