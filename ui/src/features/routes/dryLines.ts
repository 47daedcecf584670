import { t } from '$lib/i18n/en';
import { format } from '$lib/i18n/format';
import type { DryRunLine, DryRunView, RouteStrategy } from '$lib/ipc/bindings';

const words = t.routes.dry;

export type Line = {
  line: DryRunLine;
  title: string;
  text: string;
};

const costOf = ({ costNano }: DryRunLine): string =>
  costNano === null ? words.costUnknown : costNano === 0 ? words.free : format.estimate(costNano);

/** What it would cost and how long the first word takes. */
export const figuresOf = (line: DryRunLine): { cost: string; first: string } => ({
  cost: costOf(line),
  first:
    line.firstTokenMs === null ? words.notMeasured : words.firstToken(format.duration(line.firstTokenMs)),
});

/** The targets as sentences, in the order they are looked at. */
export function linesOf(view: DryRunView, strategy: RouteStrategy, images: number, now: number): Line[] {
  const nexts = view.lines.filter((line) => line.verdict === 'next');
  return view.lines.map((line, at) => ({
    line,
    title: line === nexts[0] || line.verdict !== 'next' ? words.verdicts[line.verdict] : words.then,
    text: textOf(line, strategy, images, now, at > 0),
  }));
}

function textOf(
  line: DryRunLine,
  strategy: RouteStrategy,
  images: number,
  now: number,
  passed: boolean,
): string {
  if (line.skip !== null) {
    const { because, until } = line;
    const back = until !== null && until > now ? format.elapsed(until - now) : null;
    return words.skip(line.skip, { model: line.target.model, because }, back);
  }
  return [
    line.verdict === 'chosen' && words.why(strategy, passed),
    images > 0 && words.readsImages,
    line.account !== null && words.withAccount(line.account),
    line.verdict === 'next' && words.prompts(costOf(line)),
  ]
    .filter(Boolean)
    .join(' ');
}

export const chosenOf = (view: DryRunView): DryRunLine | null =>
  view.lines.find((line) => line.verdict === 'chosen') ?? null;

/** Whom a failure of the chosen one leads to. */
export const nextOf = (view: DryRunView): DryRunLine | null =>
  view.lines.find((line) => line.verdict === 'next') ?? null;

/** Where nobody is ready: who is back first, how long that takes, and whether a message would wait for it. */
export function firstBack(
  view: DryRunView,
  now: number,
): { name: string; left: string; waits: boolean } | null {
  if (view.firstBack === null) return null;
  const line = view.lines.find(({ until }) => until === view.firstBack);
  if (!line) return null;
  const left = format.elapsed(view.firstBack - now);
  // A person's own limits are kept; what only rests is asked for the sake of an answer.
  return { name: line.providerName, left, waits: line.skip === 'atLimit' };
}
