import { t } from '$lib/i18n/en';
import type { Category, HealthView, ProviderView, VendorView } from '$lib/ipc/bindings';
import type { IconName } from '$lib/ui/icons';
import { askable, type Checked } from '$lib/state/providers.svelte';

/** A provider's state in the list: a shape, a tone and a word. */
export type PaneState = {
  sign: IconName | null;
  tone: '' | 'good' | 'warn' | 'err';
  text: string;
  /** The word stands beside the name; else the sign says it, and there is room for money. */
  wordy: boolean;
};

/** Groups of the list are at least so long before anything of them is folded away. */
const FEW = 4;
/** Folding away fewer rows than this saves nothing. */
const FOLD = 2;

const words = t.providers.state;
const nothing: PaneState = { sign: null, tone: '', text: '', wordy: false };
const works: PaneState = { sign: 'ok', tone: 'good', text: words.works, wordy: false };
const plain = (text: string): PaneState => ({ sign: null, tone: '', text, wordy: true });

function failing(category: Category, local: boolean): PaneState {
  if (local && (category === 'network' || category === 'timeout')) {
    return plain(words.notRunning);
  }
  const text: Partial<Record<Category, string>> = {
    rejected_key: words.rejected,
    missing_key: words.noKey,
    no_credit: words.noCredit,
    network: words.unreachable,
    timeout: words.unreachable,
  };
  return { sign: 'bad', tone: 'err', text: text[category] ?? words.failing, wordy: true };
}

/** What a person has to settle before the next call can go through. */
const LASTING = new Set<Category>(['rejected_key', 'no_credit', 'forbidden', 'missing_key']);

/** The state out of real calls and free questions. */
function fromHealth({ calls, failed, probe }: HealthView, local: boolean): PaneState {
  const last = calls.at(-1);
  if (probe && probe.at >= (last?.at ?? 0)) {
    if (probe.failure) return failing(probe.failure.category, local);
    if (failed === 0) return works;
  }
  if (!last) return nothing;
  const broken = last.outcome === 'failed' && last.category !== null;
  if (broken && last.category && (LASTING.has(last.category) || failed === calls.length)) {
    return failing(last.category, local);
  }
  return failed === 0 ? works : someFailed(calls.length, failed, last.outcome === 'complete');
}

function someFailed(calls: number, failed: number, well: boolean): PaneState {
  const text = well ? t.pane.worksBut(failed, calls) : t.pane.someFailed(failed, calls);
  return { sign: 'warn', tone: 'warn', text, wordy: false };
}

/** What the checks of this window say; null where there was none, or calls came after them. */
function fromChecks(
  provider: ProviderView,
  checks: Record<string, Checked>,
  lastCall: number,
): PaneState | null {
  const done = askable(provider).flatMap((account) => checks[account.id] ?? []);
  if (done.length === 0 || done.every(({ at }) => at < lastCall)) return null;
  const bad = done.find((check) => check.error);
  if (done.some((check) => check.ok)) {
    return bad ? { ...works, sign: 'warn', tone: 'warn' } : works;
  }
  return failing(bad?.error?.category ?? 'internal', provider.category === 'local');
}

export function paneState(
  provider: ProviderView,
  checks: Record<string, Checked>,
  health?: HealthView,
  /** What is said where nothing opens its door. */
  without: string = words.noKey,
): PaneState {
  if (!provider.enabled) return plain(words.off);
  if (!provider.ready) {
    const used = provider.accounts.filter((account) => account.enabled);
    const status = used.find((account) => account.key.status !== 'none')?.key.status ?? 'none';
    return { sign: 'warn', tone: 'warn', text: words.status[status] ?? without, wordy: true };
  }
  const checked = fromChecks(provider, checks, health?.calls.at(-1)?.at ?? 0);
  if (checked && checked.tone !== 'good') return checked;
  const lived = health ? fromHealth(health, provider.category === 'local') : nothing;
  // A check that went well takes back what it asked about: a key, an address; not calls that failed otherwise.
  if (!checked) return lived;
  return health && lived.tone === 'warn' ? someFailed(health.calls.length, health.failed, true) : checked;
}

/** Vendors of a group without a provider: those that could be used at once, some others, and the rest. */
export type Offered = { first: VendorView[]; folded: VendorView[] };

/**
 * What of a group is shown and what is folded away, beside `used` rows above it. Whoever has a key in the environment
 * or runs on this computer comes first.
 */
export function offeredOf(
  vendors: VendorView[],
  used: number,
  running: (vendor: VendorView) => boolean,
  kept: string | null,
): Offered {
  const near = (vendor: VendorView) => running(vendor) || vendor.env.some(({ set }) => set);
  const first = vendors.filter(near);
  const rest = vendors.filter((vendor) => !near(vendor));
  const room = Math.max(0, FEW - used - first.length);
  if (rest.length - room < FOLD) return { first: [...first, ...rest], folded: [] };
  const stays = (vendor: VendorView, at: number) => at < room || vendor.id === kept || vendor.own;
  return {
    first: [...first, ...rest.filter(stays)],
    folded: rest.filter((vendor, at) => !stays(vendor, at)),
  };
}
