import type { Capabilities, Category, HealthView, KeyState } from '$lib/ipc/bindings';
import type { BackendError } from '$lib/ipc/errors';
import { keysEn } from './keys.en';
import { shortCauses } from './failures.en';
import { list, many } from './words';

/** Why a setting is not taken, by its cause. */
const causes: Record<string, string> = {
  out_of_range: 'This number is too small or too large. Empty takes the usual one.',
  locked: 'The key of this provider goes into that header. Give it under Keys.',
  reserved: 'Parlance writes this header itself.',
  not_an_object: 'This is no JSON object. It looks like {"seed": 7}.',
  not_a_url: 'This is no address. It looks like https://host.example/v1.',
  not_a_proxy: 'This is no proxy. It looks like http://host:8080 or socks5h://host:1080.',
  empty: 'This cannot be empty.',
  twice: 'There is one of this name already.',
  duplicate: 'There is one of this name already.',
  no_value: 'This cannot be empty.',
  value_too_long: 'This is too long.',
  not_sendable: 'This has characters that cannot be sent in a header.',
  not_json: 'This is no JSON object. It looks like {"seed": 7}.',
  too_deep: 'Its objects and lists lie too deep in one another.',
  'extras.reserved':
    'The model, the messages and whether it streams are said by the chat itself. Leave them out.',
  not_certificates: 'No certificate can be read in this. It begins with -----BEGIN CERTIFICATE-----.',
  credentials: 'Leave the user and the password out of the address. They have fields of their own below.',
  not_a_name: 'A user’s name has no colon and no control characters.',
  no_balance: 'This provider does not tell what is left.',
  too_long: 'This is too long.',
  too_many: 'There are too many of them. Remove one first.',
  bad_pem: 'No certificate can be read in this. It begins with -----BEGIN CERTIFICATE-----.',
  not_ascii: 'This has characters that cannot be sent in a header.',
  not_a_header: 'A header’s name has letters, digits and hyphens only.',
  bad_header: 'This has characters that cannot be sent in a header.',
  not_a_choice: 'Choose one of those offered.',
  required: 'Nothing can be asked without this.',
  in_clear: 'Not saved: the key would travel in clear to this address.',
};

const own = (cause: string) => (Object.hasOwn(causes, cause) ? causes[cause] : undefined);

const abilities: Record<keyof Capabilities, string> = {
  images: 'images',
  pdf: 'PDF files',
  audio: 'sound',
  tools: 'tools',
  reasoning: 'reasoning',
  structured: 'structured answers',
  embeddings: 'embeddings',
  makesImages: 'drawing',
};

const asks: Record<keyof Capabilities, string> = {
  images: 'Looks at pictures',
  pdf: 'Reads PDF files',
  audio: 'Hears sound',
  tools: 'Calls tools',
  reasoning: 'Thinks before it answers',
  structured: 'Keeps to a JSON schema',
  embeddings: 'Makes embeddings, no answers',
  makesImages: 'Makes pictures',
};

/** The causes of what failed, each once, the last first. */
function causesOf(health: HealthView): string[] {
  const failed = health.calls.filter((call) => call.category !== null && call.outcome !== 'complete');
  const words = failed.reverse().flatMap(({ category }) => (category ? [shortCauses[category]] : []));
  return [...new Set(words)];
}

/** How it does, in one or two sentences. */
function howItDoes(health: HealthView, median: string | null): string {
  const all = health.calls.length;
  if (health.failed === 0) return ['Answers well.', median && `Median ${median}.`].filter(Boolean).join(' ');
  const why = causesOf(health);
  const which = all === 1 ? 'The last call failed' : `${health.failed} of the last ${all} calls failed`;
  return `${health.failed === all && all > 1 ? `All of the last ${all} calls failed` : which}${why.length > 0 ? `: ${list(why)}` : ''}.`;
}

/** The page of one provider. */
export const providerEn = {
  settingsOf: (name: string) => `Settings of ${name}`,
  saved: 'Saved',
  saving: 'Saving',
  explain: (error: BackendError, otherwise: (error: BackendError) => string) =>
    (error.code === 'invalid'
      ? (own(`${error.field ?? ''}.${error.reason ?? ''}`) ?? own(error.reason ?? ''))
      : null) ?? otherwise(error),
  clear: {
    title: 'The key would travel in clear',
    ask: (host: string) =>
      `This address begins with http. Your key and your words would go to ${host} readable to everybody on the way.`,
    better: 'With https they are encrypted. The same address with https is:',
    https: 'Use https instead',
    send: 'Send it in clear',
    decide: 'Decide',
    warning: (host: string) => `The key travels to ${host} readable to everybody on the way.`,
  },
  rename: 'Rename',
  keys: {
    spent: (amount: string) => `${amount} this month`,
    rests: (time: string, cause: string | null) =>
      `Rests until ${time}${cause === null ? '' : `: ${cause}`}.`,
    restsHint: 'It is used again then.',
    skipped: (cause: string) => `Skipped: ${cause}.`,
    skippedHint: 'Replace it, or test it again.',
  },
  calls: {
    title: (count: number) => `Last ${count} ${many(count, 'call', 'calls')}`,
    titleNone: 'Last calls',
    span: (from: string, to: string) => `${from} to ${to}`,
    none: 'No calls yet. The first answer shows here how fast it came.',
    height: 'Bar height is time to first token',
    answered: 'Answered',
    failed: 'Failed',
    median: 'Median first token',
    slowest: 'Slowest 5 %',
    slowestLong: '95 of 100 began within this time',
    noTime: 'unknown',
    causes: causesOf,
    cause: (category: Category) => shortCauses[category],
    how: howItDoes,
    running: (running: number, waiting: number) =>
      [running > 0 && `${running} running`, waiting > 0 && `${waiting} waiting`].filter(Boolean).join(', '),
    list: 'Call by call',
    answeredIn: (time: string, model: string, duration: string | null, slow: boolean) =>
      `${time}, ${model}: ${duration === null ? 'answered' : `first token in ${duration}${slow ? ', slow' : ''}`}`,
    failedAt: (time: string, model: string, cause: string | null) =>
      `${time}, ${model}: failed${cause === null ? '' : `, ${cause}`}`,
    probed: (time: string, works: boolean, duration: string) =>
      works ? `Asked for free at ${time}: answered in ${duration}.` : `Asked for free at ${time}: no answer.`,
  },
  models: {
    fetched: (when: string) => `Fetched ${when}`,
    notFetched: 'Not fetched yet',
    when: (date: string, time: string) => `${date}, ${time}`,
    addById: 'Add by ID',
    cached: 'Cached in',
    can: 'Can',
    canWords: (can: (keyof Capabilities)[]) => list(can.map((ability) => abilities[ability])),
    canNothing: 'nothing beside text',
    abilities,
    byHand: 'by hand',
    byHandLong: 'You said what is known of it',
    detail: (context: string | null, longest: string | null) =>
      `Context ${context ?? 'unknown'}, longest answer ${longest ?? 'unknown'}`,
    favour: (model: string) => `${model} is a favourite`,
    edit: (model: string) => `What is known of ${model}`,
    showAll: (count: number, text: string) =>
      count === 1 ? 'Show it in the picker' : `Show all ${text} in the picker`,
    showThese: (count: string) => `Show these ${count}`,
    hideThese: (count: string) => `Hide these ${count}`,
    prices: 'Prices from the built-in list.',
    editPrices: 'Edit prices',
    row: 'Arrow keys move through the models',
    dialog: {
      add: 'Add a model by its ID',
      change: 'What is known of this model',
      id: 'ID',
      idHint: 'As the provider writes it.',
      name: 'Name',
      nameHint: 'For people. The ID is shown where this is empty.',
      context: 'Context, tokens',
      longest: 'Longest answer, tokens',
      can: 'What it can do',
      asks,
      unknown: 'As known',
      yes: 'Yes',
      no: 'No',
      whole: 'A whole number, without points or letters.',
      save: 'Add model',
      saveChange: 'Save',
      saving: 'Saving',
      forget: 'Remove',
      forgetHint: 'Only what you said of it goes. A model of the fetched list stays in it.',
      exists: 'A model of this ID is in the list already. What you say here is added to what is known.',
    },
    added: (model: string) => `${model} is added.`,
    removed: (model: string) => `${model} is removed.`,
  },
  spend: {
    title: 'Spent this month',
    none: 'Nothing yet',
    partly: 'at least',
    estimated: (amount: string) => `${amount} of it estimated`,
    unknown: (count: number, text: string) =>
      `${text} ${many(count, 'call has', 'calls have')} no known price and ${many(count, 'is', 'are')} not in this sum.`,
    of: (share: number) => `${share} %`,
    balance: 'Balance',
    look: 'Look it up',
    looking: 'Asking',
    left: (amount: string, unit: string | null) => (unit === null ? `${amount} left` : `${amount} ${unit}`),
    /** Of a plan: Copilot counts what it calls premium requests. */
    plan: {
      title: 'Premium requests',
      unlimited: 'No limit',
      left: (amount: string) => `${amount} left`,
      leftOf: (amount: string, all: string) => `${amount} of ${all} left`,
      used: (all: string) => `All ${all} are used`,
      none: 'None are left',
      over: (amount: string, all: string | null) =>
        all === null ? `${amount} more than the plan holds` : `All ${all} are used, and ${amount} more`,
    },
    resets: (day: string) => `Begins anew on ${day}.`,
    asked: (time: string) => `As the provider said at ${time}.`,
    again: 'Ask again',
  },
  limits: {
    title: 'Limits',
    more: 'More limits',
    requests: 'Requests per minute',
    tokens: 'Tokens per minute',
    concurrent: 'At the same time',
    first: 'First token within',
    idle: 'Silence allowed',
    connect: 'Connect within',
    progress: 'Without any text for',
    none: 'no limit',
    usual: 'default',
    usualSeconds: (seconds: number) => `${seconds} s`,
    seconds: 's',
    whole: 'A whole number of 1 or more. Empty takes the limit away.',
    wholeSeconds: 'Whole seconds, 1 or more. Empty takes the usual time.',
  },
  connection: {
    title: 'Connection',
    more: 'More',
    usual: 'Other usual addresses',
    proxy: 'Proxy',
    proxies: { system: 'System', none: 'None', address: 'Own address' },
    proxyUrl: 'Address of the proxy',
    proxyHint: 'http, https or socks5h, a host and a port. Servers on this computer are asked without it.',
    proxyUser: 'User',
    proxyPassword: 'Password of the proxy',
    proxyFirst: 'Give the address of the proxy first.',
    choose: 'Not set',
    embedding: 'Embedding model',
    embeddingHint: 'Makes vectors of texts where no model is named.',
    ca: 'Further certificates',
    caHint: 'PEM text of issuers this provider’s certificate may come from, beside the usual ones.',
    caFile: 'Choose a file',
    caUnread: 'The file cannot be read.',
    caLarge: 'The file is too large for certificates.',
    caCount: (count: number) => `${count} ${many(count, 'certificate', 'certificates')}`,
    probes: 'Ask now and then whether it answers',
    probesHint: 'Every few minutes, for its list of models. Nothing is charged.',
    cache: 'Use the prompt cache',
    cacheHint: 'Marks the beginning of a chat for reuse, where the provider wants that said.',
    none: 'none',
  },
  headers: {
    title: 'Headers',
    add: 'Add',
    ownHint: 'This header carries the key. Change the key under Keys.',
    fromKeys: 'from Keys',
    none: 'None of your own.',
    name: 'Header',
    value: 'Value',
    secret: 'Keep the value as a secret',
    secretHint: 'It goes where keys go, and is never shown again.',
    replaceHint: 'The value kept now is not shown. Type a new one.',
    save: 'Save',
    edit: (name: string) => `Change ${name}`,
    remove: (name: string) => `Remove ${name}`,
    removed: (name: string) => `${name} is removed.`,
    noValue: 'no value',
    kept: (key: KeyState, keyringName: string) =>
      key.status === 'ready'
        ? `${{ env: 'from ', session: 'for ' }[key.store] ?? 'in '}${keysEn.place(key, keyringName)}`
        : (keysEn.badge[key.status] ?? 'no value'),
    trouble: (key: KeyState, keyringName: string) => keysEn.trouble(key, keyringName),
  },
  secret: {
    give: 'Give one',
    replace: 'Replace',
    forget: 'Forget',
    forgetNamed: (what: string) => `Forget: ${what}`,
    none: 'none',
    field: 'Password',
    placeholder: 'Type or paste it',
    save: 'Save',
    paste: 'Type it',
  },
  mapping: {
    title: 'Model names',
    hint: 'A model asked for under one name goes out under another.',
    asked: 'Asked for',
    sent: 'Sent as',
    add: 'Add a name',
    pair: (asked: string, sent: string) => `${asked} goes out as ${sent}`,
    edit: (asked: string) => `Change ${asked}`,
    remove: (asked: string) => `Remove ${asked}`,
    removed: (asked: string) => `${asked} goes out as it is now.`,
  },
  defaults: {
    title: 'Defaults',
    hint: 'What goes out where a chat says nothing else.',
    usual: 'default',
    effort: 'Reasoning',
    number: 'A number from 0 to 2. Empty takes the usual one.',
    share: 'A number from 0 to 1. Empty takes the usual one.',
    whole: 'A whole number of 1 or more. Empty takes the usual one.',
    count: (count: number) => (count === 0 ? '' : String(count)),
  },
  extras: {
    title: 'Extra request fields',
    hint: 'A JSON object. Its fields are added to each request, after all others.',
    field: 'JSON object',
    bad: (why: string) => `This is no JSON. ${why}`,
    notAnObject: 'This is no JSON object. It looks like {"seed": 7}.',
    example: '{"seed": 7}',
    set: 'set',
  },
  error: {
    title: 'Last error',
    none: 'None.',
    on: (model: string) => `on ${model}`,
    with: (account: string) => `with the key ${account}`,
  },
};
