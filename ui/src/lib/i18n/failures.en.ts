import type { Category, FailureView } from '$lib/ipc/bindings';

function status(failure: FailureView | null): string {
  return failure?.status ? ` (${failure.status})` : '';
}

const timeouts: Record<string, (who: string) => string> = {
  connect_timeout: (who) => `${who} could not be reached in time.`,
  first_event_timeout: (who) => `${who} did not begin to answer in time.`,
  answer_timeout: (who) => `${who} took too long to answer.`,
  idle_timeout: (who) => `${who} fell silent.`,
  progress_timeout: (who) => `${who} sent signs of life but no text.`,
};

const networks: Record<string, (who: string) => string> = {
  dns: (who) => `The address of ${who} does not exist.`,
  refused: (who) => `Nothing answers at the address of ${who}.`,
  unreachable: (who) => `${who} cannot be reached from this network.`,
  tls_unknown_issuer: (who) => `${who} shows a certificate that this computer does not trust.`,
  tls_wrong_name: (who) => `${who} shows a certificate for another address.`,
  tls_expired: (who) => `The certificate of ${who} has expired.`,
  tls_plain_http: (who) => `${who} speaks http, not https.`,
  connection_lost: (who) => `The connection to ${who} was lost.`,
  reset: (who) => `${who} closed the connection.`,
};

const broken: Record<string, (who: string) => string> = {
  redirected: (who) => `${who} redirects elsewhere, which Parlance does not follow with a key.`,
  got_html: (who) => `${who} sent a web page instead of an answer.`,
  app_closed: () => 'Parlance was closed while this was being written.',
  app_killed: () => 'Parlance ended while this was being written.',
};

const keys: Record<string, (who: string) => string> = {
  key_bound_elsewhere: (who) => `The key of ${who} was given for another address and stays there.`,
  variable_unset: (who) => `The environment variable with the key of ${who} is not set.`,
  session_over: (who) => `The key of ${who} was kept for one session, and that is over.`,
};

const reasons: Record<string, string> = {
  empty: 'This cannot be empty.',
  too_long: 'This is too long.',
  not_a_url: 'This is no http or https address. It looks like http://127.0.0.1:8080/v1.',
  not_a_variable: 'A variable’s name has letters, digits and underscores only.',
  not_ascii: 'A key has no spaces and no special characters. Paste it again.',
  not_a_model: 'This cannot be the name of a model.',
  not_cut_off: 'This answer is whole, there is nothing to continue.',
  not_last: 'Only the last answer of a chat can be continued.',
  unknown_vendor: 'This version of Parlance does not know that vendor.',
};

const titles: Record<Category, (who: string, failure: FailureView | null) => string> = {
  missing_key: (who, failure) => keys[failure?.code ?? '']?.(who) ?? `${who} needs a key, and none is set.`,
  rejected_key: (who, failure) => `${who} rejected the key${status(failure)}.`,
  forbidden: (who, failure) =>
    failure?.code === 'provider_disabled'
      ? `${who} is switched off in Providers.`
      : `${who} does not allow this with your key${status(failure)}.`,
  no_credit: (who, failure) => `The account at ${who} has no credit left${status(failure)}.`,
  rate_limited: (who, failure) => `${who} asks to slow down${status(failure)}.`,
  overloaded: (who, failure) => `${who} is overloaded${status(failure)}.`,
  timeout: (who, failure) => timeouts[failure?.code ?? '']?.(who) ?? `${who} took too long to answer.`,
  network: (who, failure) => networks[failure?.code ?? '']?.(who) ?? `${who} cannot be reached.`,
  context_too_long: () => 'The chat is longer than this model can read.',
  bad_request: (who, failure) =>
    broken[failure?.code ?? '']?.(who) ?? `${who} did not accept the request${status(failure)}.`,
  unknown_model: (who, failure) => `${who} does not know this model${status(failure)}.`,
  refused: (who) => `${who} declined to answer.`,
  broken_stream: (who, failure) => broken[failure?.code ?? '']?.(who) ?? `${who} closed the connection.`,
  cancelled: () => 'You stopped this answer.',
  internal: (who, failure) => `Something failed at ${who}${status(failure)}.`,
};

const nexts: Record<Category, (who: string, keyHost: string | null) => string> = {
  missing_key: () => 'Add a key in Providers, then retry.',
  rejected_key: (_who, host) =>
    `It may be mistyped or revoked. ${host ? `Create a key at ${host}, then replace it.` : 'Replace it in Providers.'}`,
  forbidden: () => 'Check what the key and its project may use, or choose another model.',
  no_credit: (_who, host) => (host ? `Add credit at ${host}, then retry.` : 'Add credit there, then retry.'),
  rate_limited: () => 'Wait a moment, then retry.',
  overloaded: () => 'Wait a moment and retry, or choose another model.',
  timeout: () => 'Retry, or choose another model.',
  network: () => 'Check the connection and the address in Providers. For a local server, see that it runs.',
  context_too_long: () => 'Choose a model with a larger context, or begin a new chat.',
  bad_request: () => 'The details say what it disliked. Another model may accept it.',
  unknown_model: () => 'Fetch the model list and choose one of it.',
  refused: () => 'Ask differently, or choose another model.',
  broken_stream: () => 'Retry. If it stays, check the address in Providers.',
  cancelled: () => 'Retry when you like.',
  internal: () => 'Retry. If it stays, the details say more.',
};

const commands: Record<string, string> = {
  not_found: 'That no longer exists.',
  running: 'An answer is still being written in this chat. Stop it first.',
  invalid: 'That cannot be accepted.',
  busy: 'The data file is busy. Nothing was saved. Try again.',
  disk_full: 'The disk is full, so nothing was saved. Free some space and try again.',
  read_only: 'The data folder cannot be written, so nothing was saved.',
  closed: 'The data file is closed.',
  store_unwritable: 'The data folder cannot be written, so nothing was saved. Free some space and try again.',
  store_in_use: 'Another window of Parlance holds the chats.',
  bridge: 'The window lost its connection to the app.',
};

function host(url: string | null): string | null {
  if (!url) return null;
  return URL.canParse(url) ? new URL(url).host : url;
}

/** What happened, in whose words, and what to do next. */
export const failures = {
  title: (category: Category, who: string, failure: FailureView | null) => titles[category](who, failure),
  next: (category: Category, who: string, keyUrl: string | null) => nexts[category](who, host(keyUrl)),
  /** Why a field or a call was not accepted. */
  reason: (cause: string | null) => reasons[cause ?? ''] ?? null,
  command: (code: string, message: string) => commands[code] ?? `That did not work: ${message}`,
};
