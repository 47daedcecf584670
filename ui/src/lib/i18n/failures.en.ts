import type { Category, FailureView } from '$lib/ipc/bindings';
import { specialCauses } from './failures.special.en';
import { commands, reasons, stores } from './refusals.en';

type Say = (who: string, failure: FailureView | null) => string;
type Next = (who: string, keyHost: string | null) => string;

/** One cause: what happened, and what to do where the category's own advice does not fit. */
type Words = { title: Say; next?: Next };

function status(failure: FailureView | null): string {
  return failure?.status ? ` (${failure.status})` : '';
}

/** Where a redirect leads, out of the technical detail. */
function target(failure: FailureView | null): string {
  return /redirects to (\S{1,200})/.exec(failure?.message ?? '')?.[1] ?? 'another address';
}

/** Which proxy a failure is about, out of the technical detail. Never the user or the password: they are not in it. */
function proxy(failure: FailureView | null): string {
  const named = /^the proxy (\S{1,200}) /.exec(failure?.message ?? '')?.[1];
  return named ? `The proxy ${named}` : 'The proxy';
}

const proxySettings: Next = () =>
  'Look at the proxy under Connection in Providers, or at the proxy of this computer.';
const certificate: Next = () =>
  'Check the address. In a company network its certificate may have to be installed on this computer first.';
const checkAddress: Next = () => 'Check its spelling in Providers, under Connection.';
const tryKeyring: Next = () =>
  'See that your keyring runs, then retry. Or keep the key elsewhere: Settings, Keys.';

/** Every cause of ours, with the words for it. A code that is not here is the vendor's own. */
export const causes: Partial<Record<Category, Record<string, Words>>> = {
  missing_key: {
    ...specialCauses.missing_key,
    unknown_store: {
      title: (who) => `Where the key of ${who} is kept is unknown to this version of Parlance.`,
      next: () => 'Update Parlance, or give the key again in Providers.',
    },
    no_key: { title: (who) => `${who} needs a key, and none is set.` },
    no_target: {
      title: () => 'Nobody of the route can be asked any more.',
      next: () => 'See its targets under Routes, then retry.',
    },
    session_over: {
      title: (who) => `The key of ${who} was kept for one session, and that is over.`,
      next: () => 'Paste it again in Providers, then retry.',
    },
    variable_unset: {
      title: (who) => `The environment variable with the key of ${who} is not set.`,
      next: () => 'Set it and start Parlance again, or give a key in Providers.',
    },
    key_bound_elsewhere: {
      title: (who) => `The key of ${who} was given for another address and stays there.`,
      next: () => 'Say in Providers whether it may go to the new address.',
    },
    key_in_clear: {
      title: (who) => `The key of ${who} would travel readable to everybody on the way.`,
      next: () => 'Choose https for its address in Providers, or agree to it there.',
    },
    header_missing: {
      title: (who) => `A header for ${who} is kept as a secret that cannot be had.`,
      next: () => 'Give its value again in Providers, under Headers, then retry.',
    },
    proxy_password_missing: {
      title: (who) => `The password of the proxy for ${who} cannot be had.`,
      next: () => 'Give it again in Providers, under Connection, then retry.',
    },
    store_locked: {
      title: (who) => `The key of ${who} is in a store that is locked.`,
      next: () => 'Unlock it in Providers, then retry.',
    },
    store_unavailable: {
      title: (who) => `The store with the key of ${who} does not answer.`,
      next: tryKeyring,
    },
    key_lost: {
      title: (who) => `The key of ${who} is no longer where it was kept.`,
      next: () => 'Something else removed it. Replace it in Providers, then retry.',
    },
    key_damaged: {
      title: (who) => `The key of ${who} cannot be read whole.`,
      next: () => 'Replace it in Providers, then retry.',
    },
  },
  rejected_key: {
    ...specialCauses.rejected_key,
    key_not_ascii: {
      title: (who) => `The key of ${who} has characters no key has.`,
      next: () => 'Paste it again in Providers, without blanks or quotes.',
    },
  },
  forbidden: {
    ...specialCauses.forbidden,
    route_deleted: {
      title: () => 'This route is deleted.',
      next: () => 'Choose another route, or a model.',
    },
    provider_disabled: {
      title: (who) => `${who} is switched off in Providers.`,
      next: () => 'Switch it on there, or choose another model.',
    },
  },
  timeout: {
    ...specialCauses.timeout,
    probe_timeout: { title: (who) => `${who} did not answer a short question in time.` },
    connect_timeout: {
      title: (who) => `${who} could not be reached in time.`,
      next: () => 'Check the connection and the address, then retry.',
    },
    first_event_timeout: {
      title: (who) => `${who} did not begin to answer in time.`,
      next: () => 'A local model may still be loading. Retry, or choose another model.',
    },
    proxy_timeout: {
      title: (who, failure) => `${proxy(failure)} did not connect to ${who} in time.`,
      next: proxySettings,
    },
    first_token_timeout: {
      title: (who) => `${who} said nothing within the time that the route gives it.`,
      next: () => 'Retry, or give it more time in Routes.',
    },
    answer_timeout: { title: (who) => `${who} took too long to answer.` },
    idle_timeout: { title: (who) => `${who} fell silent.` },
    progress_timeout: { title: (who) => `${who} sent signs of life but no text.` },
  },
  network: {
    dns: { title: (who) => `The address of ${who} does not exist.`, next: checkAddress },
    refused: {
      title: (who) => `Nothing answers at the address of ${who}.`,
      next: () => 'For a server on this computer, start it. Else check the port in its address.',
    },
    unreachable: {
      title: (who) => `${who} cannot be reached from this network.`,
      next: () => 'Check the connection, or the VPN if there is one, then retry.',
    },
    tls_unknown_issuer: {
      title: (who) => `${who} shows a certificate that this computer does not trust.`,
      next: certificate,
    },
    tls_wrong_name: {
      title: (who) => `${who} shows a certificate for another address.`,
      next: checkAddress,
    },
    tls_expired: {
      title: (who) => `The certificate of ${who} has expired.`,
      next: () => 'Only its owner can renew it. Check the clock of this computer too.',
    },
    tls_not_yet_valid: {
      title: (who) => `The certificate of ${who} is not valid yet.`,
      next: () => 'Check the date and time of this computer.',
    },
    tls_bad_certificate: {
      title: (who) => `The certificate of ${who} cannot be accepted.`,
      next: certificate,
    },
    tls_plain_http: {
      title: (who) => `${who} speaks http, not https.`,
      next: () => 'Write http:// in its address, if you trust the network in between.',
    },
    needs_tls: {
      title: (who) => `${who} speaks https, not http.`,
      next: () => 'Write https:// in its address, in Providers under Connection.',
    },
    tls: {
      title: (who) => `No secure connection to ${who} could be agreed on.`,
      next: () => 'Its server may be too old, or not speak https. Check the address and the port.',
    },
    proxy_auth: {
      title: (_who, failure) => `${proxy(failure)} did not accept the user name and password.`,
      next: () => 'Give them under Connection in Providers, or in the proxy settings of this computer.',
    },
    proxy_refused: {
      title: (who, failure) => `${proxy(failure)} does not let requests through to ${who}.`,
      next: () => 'Whoever runs the proxy can allow the address. Or choose another proxy, or none.',
    },
    proxy_no_way: {
      title: (who, failure) => `${proxy(failure)} could not reach ${who}.`,
      next: () => 'Check the spelling of the address. If it is right, the proxy has no way there.',
    },
    proxy_unreachable: {
      title: (_who, failure) => `${proxy(failure)} cannot be reached.`,
      next: () => 'Check its host and port under Connection in Providers, and that it runs.',
    },
    proxy_not_one: {
      title: (_who, failure) => `${proxy(failure)} does not answer as a proxy of its kind.`,
      next: () => 'Check whether it is http, https or socks5h, and its port.',
    },
    proxy_tls: {
      title: (_who, failure) => `${proxy(failure)} could not be connected to securely.`,
      next: () =>
        'If it is a plain proxy, write http:// before it. Else its certificate is not trusted here.',
    },
    connection_lost: { title: (who) => `The connection to ${who} was lost.`, next: () => 'Retry.' },
    reset: { title: (who) => `${who} closed the connection.`, next: () => 'Retry.' },
    connect: { title: (who) => `${who} cannot be connected to.` },
  },
  bad_request: {
    ...specialCauses.bad_request,
    redirected: {
      title: (who, failure) => `${who} redirects to ${target(failure)}, and a key does not follow it.`,
      next: () => 'If you trust that address, write it in Providers, under Connection.',
    },
    no_api: {
      title: (who, failure) => `There is no API of this kind at the address of ${who}${status(failure)}.`,
      next: () => 'An address looks like https://api.example.com/v1. Check its path, under Connection.',
    },
    bad_proxy: {
      title: (who) => `The address of the proxy for ${who} cannot be used.`,
      next: () => 'It looks like http://proxy.example.com:3128 or socks5h://127.0.0.1:1080.',
    },
    bad_base_url: {
      title: (who) => `The address of ${who} is no http or https address.`,
      next: checkAddress,
    },
    field_missing: {
      title: (who) => `${who} cannot be asked before a field of its own is filled in.`,
      next: () => 'It is in Providers, under Connection.',
    },
    bad_header: {
      title: (who) => `A header for ${who} has characters that cannot be sent.`,
      next: () => 'Paste the key again in Providers.',
    },
    bad_ca: {
      title: () => 'The certificates of the CA file cannot be read.',
      next: () => 'Check the file, then start Parlance again.',
    },
    empty_input: {
      title: () => 'There is no text to make embeddings of.',
      next: () => 'Give at least one text.',
    },
    attachment_missing: {
      title: () => 'An attached file is no longer in the data folder.',
      next: () => 'Attach it again, then send anew.',
    },
    attachment_damaged: {
      title: () => 'An attached file is not as it was when it was attached.',
      next: () => 'Attach it again, then send anew.',
    },
    attachment_unreadable: {
      title: () => 'An attached file cannot be read.',
      next: () => 'See that the data folder can be read, then retry.',
    },
    no_embeddings: {
      title: (who) => `${who} makes no embeddings.`,
      next: () => 'Choose another provider for them.',
    },
  },
  rate_limited: specialCauses.rate_limited,
  overloaded: specialCauses.overloaded,
  unknown_model: specialCauses.unknown_model,
  refused: specialCauses.refused,
  internal: {
    ...specialCauses.internal,
    provider_gone: {
      title: () => 'The provider of this model was removed.',
      next: () => 'Choose another model, then retry.',
    },
    run_gone: {
      title: () => 'This answer was given up before it began.',
      next: () => 'Retry.',
    },
    client: {
      title: (who) => `The request to ${who} could not be prepared.`,
      next: () => 'Retry. If it stays, start Parlance again.',
    },
    bad_request: {
      title: (who) => `The request to ${who} could not be written.`,
      next: () => 'Look at the extra fields and headers in Providers; the details say more.',
    },
    budgets_unread: {
      title: (who) => `The budgets could not be read, and ${who} is not asked without them.`,
      next: () => 'Nothing was sent. Retry; if it stays, start Parlance again.',
    },
  },
  broken_stream: {
    ...specialCauses.broken_stream,
    no_vector: {
      title: (who) => `${who} left out the embedding of a text.`,
      next: () => 'Retry, or choose another model.',
    },
    empty_list: {
      title: (who) => `${who} answers, but its list of models is empty.`,
      next: () => 'Add a model by its ID in Providers, or load one on the server.',
    },
    got_html: {
      title: (who) => `The address of ${who} leads to a web page, not to its API.`,
      next: () => 'Check the address, most of all its path. In a café or hotel, log in to the network first.',
    },
    not_http: {
      title: (who) => `What answers at the address of ${who} does not speak HTTP.`,
      next: checkAddress,
    },
    unreadable: {
      title: (who) => `${who} sent something that is not what its API describes.`,
      next: () => 'Check that the address is of an API of this kind, under Connection in Providers.',
    },
    empty: { title: (who) => `${who} answered with nothing.`, next: () => 'Retry, or choose another model.' },
    too_large: {
      title: (who) => `${who} sent more than an answer may hold.`,
      next: () => 'What came is kept. Ask for less, or choose another model.',
    },
    too_many_parts: {
      title: (who) => `${who} sent more pieces than an answer may hold.`,
      next: () => 'What came is kept. Ask for less, or choose another model.',
    },
    cut_off: {
      title: (who) => `${who} broke off before the end.`,
      next: () => 'What came is kept. Continue it, or retry.',
    },
    connection_lost: {
      title: (who) => `The connection to ${who} was lost.`,
      next: () => 'What came is kept. Continue it, or retry.',
    },
    reset: {
      title: (who) => `${who} closed the connection.`,
      next: () => 'What came is kept. Continue it, or retry.',
    },
    idle_timeout: {
      title: (who) => `${who} fell silent.`,
      next: () => 'What came is kept. Continue it, or retry.',
    },
    progress_timeout: {
      title: (who) => `${who} sent signs of life but no text.`,
      next: () => 'What came is kept. Continue it, or retry.',
    },
    app_closed: {
      title: () => 'Parlance was closed while this was being written.',
      next: () => 'What came is kept. Continue it, or retry.',
    },
    app_killed: {
      title: () => 'Parlance ended while this was being written.',
      next: () => 'What came is kept. Continue it, or retry.',
    },
  },
};

const titles: Record<Category, Say> = {
  missing_key: (who) => `${who} needs a key, and none is set.`,
  rejected_key: (who, failure) => `${who} rejected the key${status(failure)}.`,
  forbidden: (who, failure) => `${who} does not allow this with your key${status(failure)}.`,
  no_credit: (who, failure) => `The account at ${who} has no credit left${status(failure)}.`,
  rate_limited: (who, failure) => `${who} asks to slow down${status(failure)}.`,
  overloaded: (who, failure) => `${who} is overloaded${status(failure)}.`,
  timeout: (who) => `${who} took too long to answer.`,
  network: (who) => `${who} cannot be reached.`,
  context_too_long: () => 'The chat is longer than this model can read.',
  bad_request: (who, failure) => `${who} did not accept the request${status(failure)}.`,
  unknown_model: (who, failure) => `${who} does not know this model${status(failure)}.`,
  refused: (who) => `${who} declined to answer.`,
  broken_stream: (who) => `${who} closed the connection.`,
  cancelled: () => 'You stopped this answer.',
  internal: (who, failure) => `Something failed at ${who}${status(failure)}.`,
};

/** What went wrong with a call, as one word among figures. */
export const shortCauses: Record<Category, string> = {
  missing_key: 'no key',
  rejected_key: 'key rejected',
  forbidden: 'not allowed',
  no_credit: 'no credit',
  rate_limited: 'throttled',
  overloaded: 'overloaded',
  timeout: 'too slow',
  network: 'not reached',
  context_too_long: 'chat too long',
  bad_request: 'request not accepted',
  unknown_model: 'unknown model',
  refused: 'declined',
  broken_stream: 'broke off',
  cancelled: 'stopped',
  internal: 'failed there',
};

/** A failure as a few words: "overloaded (529)". */
export const shortCause = ({ category, status }: FailureView): string =>
  `${shortCauses[category]}${status === null ? '' : ` (${status})`}`;

const nexts: Record<Category, Next> = {
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

/** In a check no model is asked for: a vendor that does not know it does not know the address. */
const checked: Partial<Record<Category, Words>> = {
  unknown_model: {
    title: (who, failure) => `There is no API of this kind at the address of ${who}${status(failure)}.`,
    next: () => 'Check the address and its path, under Connection.',
  },
  overloaded: {
    title: (who, failure) => `${who} is overloaded${status(failure)}, so the key could not be checked.`,
    next: () => 'Check again in a moment.',
  },
  rate_limited: {
    title: (who, failure) => `${who} asks to slow down${status(failure)}, so the key could not be checked.`,
    next: () => 'Check again in a moment.',
  },
  cancelled: { title: () => 'The check was stopped.', next: () => 'Check again when you like.' },
};

function own<T>(table: Record<string, T> | undefined, key: string | null | undefined): T | undefined {
  return table && key && Object.hasOwn(table, key) ? table[key] : undefined;
}

function host(url: string | null): string | null {
  if (!url) return null;
  return URL.canParse(url) ? new URL(url).host : url;
}

/** What happened, in whose words, and what to do next. */
export const failures = {
  title: (category: Category, who: string, failure: FailureView | null) =>
    (own(causes[category], failure?.code)?.title ?? titles[category])(who, failure),
  next: (category: Category, who: string, keyUrl: string | null, failure: FailureView | null) =>
    (own(causes[category], failure?.code)?.next ?? nexts[category])(who, host(keyUrl)),
  /** The same for a free check, which has a few words of its own. */
  check: (failure: FailureView, who: string, keyUrl: string | null) => {
    const { category, code } = failure;
    const words = own(causes[category], code) ? undefined : checked[category];
    return {
      title: words?.title(who, failure) ?? failures.title(category, who, failure),
      next: words?.next?.(who, host(keyUrl)) ?? failures.next(category, who, keyUrl, failure),
    };
  },
  /** Why a field or a call was not accepted. */
  reason: (code: string, cause: string | null) => own(code === 'secret' ? stores : reasons, cause) ?? null,
  command: (code: string, message: string) => own(commands, code) ?? `That did not work: ${message}`,
};
