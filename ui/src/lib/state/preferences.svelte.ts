import type { ChatTarget, Preference } from '$lib/ipc/bindings';

/** How one preference is read from what is stored, and written. What cannot be read is as if it were not there. */
type Form<T> = { fallback: T; parse: (stored: string) => T | null; print: (value: T) => string };

function oneOf<const T extends string>(values: readonly T[], fallback: NoInfer<T>): Form<T> {
  return {
    fallback,
    parse: (stored) => values.find((value) => value === stored) ?? null,
    print: (value) => value,
  };
}

const HOSTS_MOST = 60;
const HOST = /^[a-z0-9.-]{1,253}$/;

/** Hosts in the letters that are looked up, the newest first; the store takes no more than 4,000 bytes. */
const hosts: Form<readonly string[]> = {
  fallback: [],
  parse: (stored) => [...new Set(stored.split(' '))].filter((host) => HOST.test(host)).slice(0, HOSTS_MOST),
  print: (value) => {
    let kept = '';
    for (const host of new Set(value.slice(0, HOSTS_MOST))) {
      if (HOST.test(host) && kept.length + host.length < 3900) kept += kept === '' ? host : ` ${host}`;
    }
    return kept;
  },
};

/** A model or a route; what is no longer one is as if nobody had chosen. */
const merger: Form<ChatTarget | null> = {
  fallback: null,
  parse: (stored) => {
    const [kind, first, second] = stored.split('\n');
    if (!first) return null;
    if (kind === 'route') return { kind, routeId: first, model: second || null };
    return kind === 'model' && second ? { kind, providerId: first, model: second } : null;
  },
  print: (target) => {
    if (target === null) return '';
    const parts =
      target.kind === 'model' ? [target.providerId, target.model] : [target.routeId, target.model ?? ''];
    return [target.kind, ...parts].join('\n');
  },
};

export const READING_SIZES = ['13', '14', '15', '16', '18'] as const;

const forms = {
  /** What sends a message; the other makes a line. */
  'send-with': oneOf(['enter', 'mod-enter'], 'enter'),
  /** What a start of the app opens. */
  'start-with': oneOf(['new', 'last'], 'new'),
  /** Of answers and the composer, in px. */
  'reading-size': oneOf(READING_SIZES, '14'),
  'line-length': oneOf(['narrow', 'normal', 'wide'], 'normal'),
  density: oneOf(['compact', 'regular'], 'compact'),
  /** Long lines of code break. */
  'code-wrap': oneOf(['off', 'on'], 'off'),
  hues: oneOf(['full', 'muted', 'off'], 'full'),
  motion: oneOf(['system', 'none'], 'system'),
  'show-cost': oneOf(['on', 'off'], 'on'),
  /** Answers of a comparison beside each other, or one at a time. */
  'compare-layout': oneOf(['columns', 'stack'], 'columns'),
  /** Who merges the answers of a comparison. */
  'compare-merger': merger,
  /** Hosts whose links open without a question. */
  'link-hosts': hosts,
};

export type PreferenceName = keyof typeof forms;
export type PreferenceValue<N extends PreferenceName> = (typeof forms)[N]['fallback'];

type Stored = Readonly<Record<string, string>>;

export function readPreference<N extends PreferenceName>(stored: Stored, name: N): PreferenceValue<N> {
  const form = forms[name] as unknown as Form<PreferenceValue<N>>;
  const value = stored[name];
  return (value === undefined ? null : form.parse(value)) ?? form.fallback;
}

/** As it is stored: null where it is as if nobody had chosen. */
export function printPreference<N extends PreferenceName>(name: N, value: PreferenceValue<N>): string | null {
  const form = forms[name] as unknown as Form<PreferenceValue<N>>;
  const printed = form.print(value);
  return printed === form.print(form.fallback) ? null : printed;
}

/** Those that the styles follow, as attributes of the document: `data-reading-size` and so on. */
const styled = [
  'reading-size',
  'line-length',
  'density',
  'code-wrap',
  'hues',
  'motion',
  'show-cost',
] as const satisfies PreferenceName[];

export function showPreferences(stored: Stored, root: HTMLElement = document.documentElement): void {
  for (const name of styled) {
    const printed = printPreference(name, readPreference(stored, name));
    if (printed === null) root.removeAttribute(`data-${name}`);
    else root.setAttribute(`data-${name}`, printed);
  }
}

/** What the person chose about the page itself. */
export class Preferences {
  readonly #stored: () => Stored;
  readonly #change: (preference: Preference) => Promise<Stored>;

  constructor(stored: () => Stored, change: (preference: Preference) => Promise<Stored>) {
    this.#stored = stored;
    this.#change = change;
  }

  get<N extends PreferenceName>(name: N): PreferenceValue<N> {
    return readPreference(this.#stored(), name);
  }

  async set<N extends PreferenceName>(name: N, value: PreferenceValue<N>): Promise<void> {
    showPreferences(await this.#change({ name, value: printPreference(name, value) }));
  }
}
