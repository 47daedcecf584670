import { failures } from '$lib/i18n/failures.en';
import { t } from '$lib/i18n/en';
import { format } from '$lib/i18n/format';
import type { CostView, Rates, RequestView } from '$lib/ipc/bindings';
import type { IconName } from '$lib/ui/icons';

const words = t.costs.log;

/** What became of a request: a sign, its colour and few words. */
export function resultOf({ outcome, error, cached }: RequestView): {
  icon: IconName;
  tone: 'ok' | 'warn' | 'err' | 'plain';
  /** Beside the sign; where nothing went wrong the sign is enough. */
  short: string;
  said: string;
} {
  const status = error?.status == null ? null : String(error.status);
  if (outcome === 'complete')
    return { icon: 'ok', tone: 'ok', short: cached ? words.kept : '', said: cached ? words.kept : words.ok };
  if (outcome === 'interrupted') return { icon: 'warn', tone: 'warn', short: words.cut, said: words.cut };
  if (outcome === 'cancelled')
    return { icon: 'stop', tone: 'plain', short: words.stopped, said: words.stopped };
  return { icon: 'bad', tone: 'err', short: status ?? words.failed, said: words.failed };
}

/** Its amount: the vendor's own is plain, ours has the sign, an unknown one is a word. */
export function amountOf({ source, totalNano }: CostView): { text: string; guessed: boolean } {
  if (source === 'unknown' || totalNano === null) return { text: words.unknownCost, guessed: false };
  if (totalNano === 0) return { text: '$0', guessed: false };
  return source === 'reported'
    ? { text: format.money(totalNano), guessed: false }
    : { text: format.estimate(totalNano), guessed: true };
}

/** Each kind of token with its count. */
export function tokensOf({ inputTotal, cacheRead, cacheWrite, outputTotal, reasoning }: CostView): string {
  if (inputTotal === null && outputTotal === null) return words.noTokens;
  const count = (value: number | null) => (value ? format.count(value) : null);
  return [
    inputTotal === null ? null : words.input(format.count(inputTotal), count(cacheRead), count(cacheWrite)),
    outputTotal === null ? null : words.output(format.count(outputTotal), count(reasoning)),
  ]
    .filter(Boolean)
    .join(', ');
}

export function timesOf({ firstTokenMs, durationMs }: RequestView): string {
  const time = (ms: number | null) => (ms === null ? null : format.duration(ms));
  return words.times(time(firstTokenMs), time(durationMs));
}

/** The prices that its amount was reckoned with, and where they come from. */
export function pricesOf({ prices }: RequestView, today: string): string | null {
  if (prices === null) return null;
  const { rates, own, source } = prices;
  const kinds = Object.keys(words.price) as (keyof typeof words.price & keyof Rates)[];
  const tokens = kinds.flatMap((kind) => {
    const nano = rates[kind];
    return nano == null ? [] : [words.price[kind](format.price(nano))];
  });
  const day = format.day(prices.day, today);
  return [
    tokens.length > 0 ? words.perMillion(tokens.join(', ')) : null,
    rates.request ? words.perRequest(format.money(rates.request)) : null,
    own ? words.ownPrices(day) : words.listPrices(source, day),
  ]
    .filter(Boolean)
    .join('; ');
}

/** What went wrong, as the chat says it, with the vendor's own words. */
export function errorOf({ error, providerName }: RequestView): string | null {
  if (!error) return null;
  return `${failures.title(error.category, providerName, error)} ${error.message}`.trim();
}

/** When it was: the time on the day of today, else the day with it. */
export function momentOf({ at, day }: RequestView, today: string, whole: boolean): string {
  const time = whole ? format.clock(at) : format.time(at);
  if (day === today) return format.clock(at);
  return `${format.day(day, today)} ${time}`;
}
