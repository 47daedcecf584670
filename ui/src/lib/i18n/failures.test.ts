import { describe, expect, it } from 'vitest';
import type { Category } from '$lib/ipc/bindings';
import { BackendError } from '$lib/ipc/errors';
import { t } from './en';
import { causes, failures } from './failures.en';

/** Every category with the causes the app can give it. A new one belongs here and into the words. */
const known: Record<Category, string[]> = {
  missing_key: [
    'no_key',
    'session_over',
    'variable_unset',
    'key_bound_elsewhere',
    'store_locked',
    'store_unavailable',
    'key_lost',
    'key_damaged',
    'no_sign_in',
    'sign_in_over',
    'sign_in_lost',
    'sign_in_elsewhere',
    'sign_in_locked',
    'sign_in_unavailable',
  ],
  rejected_key: ['key_not_ascii', 'unreadable_credential', 'token_refused', 'not_signed_in'],
  forbidden: ['provider_disabled', 'sign_in_refused'],
  no_credit: [],
  rate_limited: ['token_unavailable'],
  overloaded: ['token_unavailable'],
  timeout: [
    'connect_timeout',
    'proxy_timeout',
    'first_event_timeout',
    'answer_timeout',
    'idle_timeout',
    'progress_timeout',
  ],
  network: [
    'dns',
    'refused',
    'unreachable',
    'connect',
    'connection_lost',
    'reset',
    'tls_unknown_issuer',
    'tls_wrong_name',
    'tls_expired',
    'tls_not_yet_valid',
    'tls_bad_certificate',
    'tls_plain_http',
    'tls',
    'needs_tls',
    'proxy_auth',
    'proxy_refused',
    'proxy_no_way',
    'proxy_unreachable',
    'proxy_not_one',
    'proxy_tls',
  ],
  context_too_long: [],
  bad_request: [
    'redirected',
    'no_api',
    'bad_base_url',
    'bad_header',
    'bad_proxy',
    'bad_ca',
    'no_embeddings',
    'program_missing',
    'program_too_old',
    'program_unusable',
    'tools_unsupported',
    'only_in_chats',
    'file_unsupported',
    'one_text',
  ],
  unknown_model: [],
  refused: [],
  broken_stream: [
    'bad_checksum',
    'bad_frame',
    'program_ended',
    'got_html',
    'not_http',
    'unreadable',
    'empty',
    'too_large',
    'too_many_parts',
    'cut_off',
    'connection_lost',
    'reset',
    'app_closed',
    'app_killed',
  ],
  cancelled: [],
  internal: ['unsigned', 'no_folder', 'program_unusable'],
};

const categories = Object.keys(known) as Category[];
const pairs = categories.flatMap((category) => known[category].map((cause) => [category, cause] as const));
const failure = (
  category: Category,
  code: string | null,
  message = 'detail',
  status: number | null = null,
) => ({
  category,
  code,
  message,
  status,
});

/** One or two whole sentences, with nothing of a program in them. */
function sentence(text: string) {
  expect(text).toMatch(/^[A-Z].*\.$/);
  expect(text).not.toMatch(/undefined|null|\[object|_/);
}

describe('failures', () => {
  it.each(categories)('%s has a sentence and a next step, with any code', (category) => {
    for (const code of [null, 'a_code_of_the_vendor', 'constructor', '__proto__']) {
      sentence(failures.title(category, 'Anthropic', failure(category, code)));
      sentence(
        failures.next(category, 'Anthropic', 'https://console.anthropic.com/keys', failure(category, code)),
      );
      const { title, next } = failures.check(failure(category, code), 'Anthropic', null);
      sentence(title);
      sentence(next);
    }
  });

  it.each(pairs)('%s by %s has its own words', (category, cause) => {
    const title = failures.title(category, 'Anthropic', failure(category, cause));
    sentence(title);
    sentence(failures.next(category, 'Anthropic', null, failure(category, cause)));
    expect(causes[category]?.[cause]).toBeDefined();
  });

  it('names the same cause in no two ways', () => {
    for (const category of categories) {
      const titles = known[category].map((cause) => failures.title(category, 'X', failure(category, cause)));
      expect(new Set(titles).size).toBe(titles.length);
    }
  });

  it('names where a redirect leads, and only that', () => {
    const to = 'the base URL redirects to https://api.new.example:443 (https://old.example:443)';
    expect(failures.title('bad_request', 'Lab', failure('bad_request', 'redirected', to, 301))).toBe(
      'Lab redirects to https://api.new.example:443, and a key does not follow it.',
    );
    expect(failures.title('bad_request', 'Lab', failure('bad_request', 'redirected', 'elsewhere'))).toContain(
      'another address',
    );
  });

  it('names the proxy and nobody else', () => {
    const detail = 'the proxy proxy.example:3128 did not accept the user name and password';
    for (const cause of known.network.filter((name) => name.startsWith('proxy_'))) {
      const title = failures.title('network', 'Lab', failure('network', cause, detail));
      expect(title).toContain('The proxy proxy.example:3128 ');
      expect(failures.title('network', 'Lab', failure('network', cause, 'x'))).toContain('The proxy ');
    }
  });

  it('says what an address looks like where there is no API', () => {
    const { title, next } = failures.check(failure('bad_request', 'no_api', 'Not Found', 404), 'Lab', null);
    expect(title).toBe('There is no API of this kind at the address of Lab (404).');
    expect(next).toContain('https://api.example.com/v1');
  });

  it('names where to get a key', () =>
    expect(failures.next('rejected_key', 'OpenAI', 'https://platform.openai.com/api-keys', null)).toContain(
      'platform.openai.com',
    ));

  const refused = (code: string, cause: string | null, field: string | null = null) =>
    t.errors.command(
      new BackendError({ code, cause, field, category: null, message: 'secret-detail', status: null }),
    );

  it.each([
    'unavailable',
    'locked',
    'not_found',
    'damaged',
    'not_kept',
    'wrong_passphrase',
    'already_there',
    'too_long',
  ])('a store that says %s has its own words', (cause) => {
    sentence(refused('secret', cause));
    expect(refused('secret', cause)).not.toBe(refused('secret', null));
  });

  it.each([
    'empty',
    'too_long',
    'not_ascii',
    'not_a_variable',
    'too_short',
    'changed',
    'last',
    'not_a_url',
    'not_a_label',
    'not_a_segment',
    'no_address',
    'no_sign_in',
    'same',
  ])('a field that is %s has its own words', (cause) => {
    sentence(refused('invalid', cause, 'key'));
    expect(refused('invalid', cause)).not.toBe(refused('invalid', null));
  });

  it('says when the person stopped waiting', () => sentence(refused('cancelled_waiting', null)));
});
