import type { AccountView, Category, CheckView, FailureView, ProviderView } from '../bindings';

export const failure = (
  category: Category,
  status: number | null,
  code: string | null,
  message: string,
): FailureView => ({ category, status, code, message });

/** Words in a key or an address that bring a failure about. */
const script: Record<string, FailureView> = {
  bad: failure('rejected_key', 401, 'invalid_api_key', 'Incorrect API key provided.'),
  poor: failure('no_credit', 402, 'insufficient_quota', 'You exceeded your current quota.'),
  html: failure('broken_stream', 200, 'got_html', '<!doctype html><title>Sign in</title>'),
  moved: failure(
    'bad_request',
    301,
    'redirected',
    'the base URL redirects to https://api.new.example:443 (https://api.old.example:443)',
  ),
  lost: failure('unknown_model', 404, null, 'Not Found'),
  dns: failure('network', null, 'dns', 'failed to lookup address information'),
  busy: failure('rate_limited', 429, 'rate_limit_exceeded', 'Too many requests.'),
  slow: failure('timeout', null, 'connect_timeout', 'no connection after 10 s'),
};

const missing: Partial<Record<AccountView['key']['status'], string>> = {
  none: 'no_key',
  sessionOver: 'session_over',
  variableUnset: 'variable_unset',
  otherAddress: 'key_bound_elsewhere',
  locked: 'store_locked',
  unavailable: 'store_unavailable',
  lost: 'key_lost',
};

/** What the vendor would say to this key, which only the fake of this page still knows. */
export function checkOf(
  provider: ProviderView,
  account: AccountView,
  key: string,
  models: number,
): CheckView {
  const refused = (error: FailureView, durationMs: number): CheckView => ({
    ok: false,
    error,
    models: 0,
    durationMs,
    version: null,
  });
  const cause = missing[account.key.status];
  if (cause && !(cause === 'no_key' && provider.keyNeed !== 'required')) {
    return refused(failure('missing_key', null, cause, 'no key could be read'), 3);
  }
  const scripted = Object.keys(script).find(
    (word) => key.includes(`-${word}-`) || provider.baseUrl.includes(`//${word}.`),
  );
  const error = scripted ? script[scripted] : undefined;
  if (error) return refused(error, 240);
  if (provider.baseUrl.includes('localhost')) {
    return refused(
      failure('network', null, 'refused', 'tcp connect to localhost:1234: connection refused'),
      4,
    );
  }
  const durationMs = 610 + (account.label === 'Work' ? 130 : 0);
  const version = provider.dialect === 'claude-code' ? '2.1.200' : null;
  return { ok: true, error: null, models, durationMs, version };
}
