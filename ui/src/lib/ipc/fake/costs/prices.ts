import type { Backend } from '../../backend';
import type { OwnPriceView, PriceRow, PriceSource, Rates } from '../../bindings';
import { fresh } from '../data';
import type { Folder } from '../folder';
import { refuse } from '../refuse';
import type { FakeLedger } from './scene';
import { priced } from './entries';

type Part = Pick<
  Backend,
  'listPrices' | 'savePrice' | 'removePrice' | 'refreshPrices' | 'unpricedModels' | 'dismissUnpriced'
>;

const copy = <T>(value: T): T => structuredClone(value);
const MOST = 500;

/** Models of vendors nobody set up: the long tail of a price list. */
function tail(): PriceRow[] {
  const vendors = ['Cohere', 'xAI', 'Together', 'Fireworks', 'Perplexity', 'Amazon Bedrock', 'Azure OpenAI'];
  return vendors.flatMap((providerName, at) =>
    Array.from({ length: 60 }, (_, nth): PriceRow => {
      const input = ((at * 7 + nth * 3) % 40) * 0.1 + 0.05;
      return {
        providerId: null,
        providerName,
        vendor: null,
        model: `${providerName.toLowerCase().replaceAll(' ', '-')}-model-${nth + 1}`,
        name: `${providerName} model ${nth + 1}`,
        rates: { input: input * 1e9, cacheRead: nth % 3 ? null : input * 1e8, output: input * 4e9 },
        varies: nth % 17 === 0,
        typicalNano: null,
        own: [],
      };
    }),
  );
}

const typical = { input: 1_840, output: 612, own: true };

const typicalOf = ({ input, output }: Rates): number | null =>
  input == null || output == null
    ? null
    : Math.round((typical.input * input + typical.output * output) / 1e6);

/**
 * Prices. `?prices=` is a word a refresh fails with, or `waits` for one that does not return; `trouble-WORD` has that
 * trouble from the start.
 */
export function fakePrices(query: URLSearchParams, folder: () => Folder, ledger: FakeLedger): Part {
  const script = query.get('prices') ?? '';
  let own: OwnPriceView[] = [];
  const dismissed = new Set<string>();
  let source: Omit<PriceSource, 'weekly'> = {
    date: '2026-11-03',
    bundled: true,
    fetchedAt: null,
    models: 1_842,
    trouble: script.startsWith('trouble-') ? script.slice(8) : null,
  };
  const seen = (): PriceSource => ({ ...source, weekly: folder().settings.weeklyPrices });

  const ownOf = (providerId: string | null, model: string) =>
    own
      .filter((one) => one.providerId === providerId && one.model === model)
      .sort((one, other) => other.validFrom.localeCompare(one.validFrom));

  function row(base: Omit<PriceRow, 'own' | 'typicalNano'>): PriceRow {
    const its = ownOf(base.providerId, base.model);
    const now = its.find(({ validFrom }) => validFrom <= ledger.today);
    const rates = now?.rates ?? base.rates;
    return { ...base, rates, typicalNano: typicalOf(rates), own: its };
  }

  function rows(): PriceRow[] {
    const mine = folder().providers.flatMap((provider) =>
      provider.models.map((model) =>
        row({
          providerId: provider.id,
          providerName: provider.name,
          vendor: provider.vendor,
          model: model.id,
          name: model.name,
          rates: { input: model.inputNano, cacheRead: model.cacheReadNano, output: model.outputNano },
          varies: model.id.startsWith('gemini-2.5-pro'),
        }),
      ),
    );
    const strange = own
      .filter(
        ({ providerId, model }) => !mine.some((one) => one.providerId === providerId && one.model === model),
      )
      .map(({ providerId, model }) => {
        const provider = folder().providers.find(({ id }) => id === providerId);
        return row({
          providerId,
          providerName: provider?.name ?? '',
          vendor: provider?.vendor ?? null,
          model,
          name: null,
          rates: {},
          varies: false,
        });
      });
    return [...mine, ...strange, ...tail().map(row)];
  }

  const figure = (value: number | null | undefined) => value ?? Infinity;
  const orders: Record<string, (one: PriceRow, other: PriceRow) => number> = {
    name: (one, other) =>
      Number(one.providerId === null) - Number(other.providerId === null) ||
      one.providerName.localeCompare(other.providerName) ||
      one.model.localeCompare(other.model),
    typicalCost: (one, other) => figure(one.typicalNano) - figure(other.typicalNano),
    input: (one, other) => figure(one.rates.input) - figure(other.rates.input),
    output: (one, other) => figure(one.rates.output) - figure(other.rates.output),
  };

  const withoutPrice = (providerId: string, model: string) =>
    ledger.entries.filter(
      (one) => one.provider.id === providerId && one.model === model && one.source === 'unknown',
    );

  function bookLate(price: OwnPriceView): number {
    const late = withoutPrice(price.providerId, price.model).filter(({ day }) => day >= price.validFrom);
    const { input = null, output = null, cacheRead = null } = price.rates;
    for (const entry of late) {
      const view = entry.provider.models.find(({ id }) => id === entry.model);
      if (!view) continue;
      const sums = priced({ ...view, inputNano: input, outputNano: output, cacheReadNano: cacheRead }, entry);
      Object.assign(entry, { source: 'priced', totalNano: sums.totalNano });
    }
    return late.length;
  }

  return {
    async listPrices({
      text = '',
      mine = false,
      own: onlyOwn = false,
      order = 'name',
      offset = 0,
      limit = 100,
    }) {
      const words = text.toLowerCase().split(/\s+/).filter(Boolean);
      const fitting = rows()
        .filter((one) => !mine || one.providerId !== null)
        .filter((one) => !onlyOwn || one.own.length > 0)
        .filter((one) => {
          const where = `${one.providerName} ${one.model} ${one.name ?? ''}`.toLowerCase();
          return words.every((word) => where.includes(word));
        })
        .sort(orders[order]);
      return copy({
        source: seen(),
        typical,
        rows: fitting.slice(offset, offset + Math.min(limit, MOST)),
        total: fitting.length,
      });
    },
    async savePrice({ id, providerId, model, validFrom, rates, bookLate: late }) {
      if (!folder().providers.some((provider) => provider.id === providerId)) refuse('not_found');
      if (model.trim() === '') refuse('invalid', { field: 'model', cause: 'empty' });
      if (!/^\d{4}-\d\d-\d\d$/.test(validFrom)) refuse('invalid', { field: 'validFrom', cause: 'not_a_day' });
      for (const field of ['input', 'output'] as const)
        if (rates[field] == null) refuse('invalid', { field, cause: 'empty' });
      for (const [field, value] of Object.entries(rates))
        if (value != null && (value < 0 || value > 1e13)) refuse('invalid', { field, cause: 'out_of_range' });
      const twin = own.find(
        (one) =>
          one.id !== id &&
          one.providerId === providerId &&
          one.model === model &&
          one.validFrom === validFrom,
      );
      if (twin) refuse('invalid', { field: 'validFrom', cause: 'taken' });
      const price: OwnPriceView = {
        id: id ?? fresh('price'),
        providerId,
        model: model.trim(),
        validFrom,
        rates: copy(rates),
      };
      own = [...own.filter((one) => one.id !== price.id), price];
      return copy({ price, booked: late ? bookLate(price) : 0 });
    },
    async removePrice(id) {
      if (!own.some((one) => one.id === id)) refuse('not_found');
      own = own.filter((one) => one.id !== id);
    },
    async refreshPrices() {
      if (script === 'waits') await new Promise(() => undefined);
      if (script !== '' && !script.startsWith('trouble-')) {
        source = { ...source, trouble: script };
        refuse('prices', { message: script, cause: script });
      }
      source = { date: ledger.today, bundled: false, fetchedAt: Date.now(), models: 1_861, trouble: null };
      return seen();
    },
    async unpricedModels() {
      const models = folder().providers.flatMap((provider) =>
        provider.models.map(({ id }) => ({ provider, id })),
      );
      return models.flatMap(({ provider, id }) => {
        const its = withoutPrice(provider.id, id);
        const last = its.at(-1);
        if (!last || ownOf(provider.id, id).length > 0) return [];
        return [
          {
            providerId: provider.id,
            providerName: provider.name,
            vendor: provider.vendor,
            model: id,
            entries: its.length,
            since: last.day,
            asked: dismissed.has(`${provider.id} ${id}`),
          },
        ];
      });
    },
    async dismissUnpriced(providerId, model) {
      dismissed.add(`${providerId} ${model}`);
    },
  };
}
