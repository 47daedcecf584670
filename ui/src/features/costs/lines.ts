import type { CostLine, CostTotals } from '$lib/ipc/bindings';
import type { LineOrder } from '$lib/state/costs.svelte';

export type ProviderLines = { own: CostLine; models: CostLine[] };

const share = (part: number, whole: number) => (whole > 0 ? part / whole : -1);

const figures: Record<Exclude<LineOrder, 'name'>, (totals: CostTotals) => number> = {
  entries: ({ entries }) => entries,
  input: ({ input }) => input,
  output: ({ output }) => output,
  cache: ({ cacheRead, input }) => share(cacheRead, input),
  success: ({ complete, entries }) => share(complete, entries),
  first: ({ firstTokenMs }) => firstTokenMs ?? -1,
  reported: ({ reportedNano, totalNano }) => share(reportedNano, totalNano),
  cost: ({ totalNano }) => totalNano,
};

function compare(order: { by: LineOrder; down: boolean }) {
  const { by, down } = order;
  const sign = down ? -1 : 1;
  return (one: CostLine, other: CostLine) => {
    if (by === 'name') {
      const name = (line: CostLine) => line.model ?? line.provider.name;
      return sign * name(one).localeCompare(name(other));
    }
    const figure = figures[by];
    return sign * (figure(one.totals) - figure(other.totals)) || other.totals.entries - one.totals.entries;
  };
}

/** Providers with their models, in an order. */
export function sortedLines(
  lines: readonly CostLine[],
  order: { by: LineOrder; down: boolean },
): ProviderLines[] {
  const by = compare(order);
  return lines
    .filter(({ model }) => model === null)
    .sort(by)
    .map((own) => ({
      own,
      models: lines
        .filter(({ model, provider }) => model !== null && provider.id === own.provider.id)
        .sort(by),
    }));
}
