import type { SpendView } from '$lib/ipc/bindings';
import type { Format } from './format';
import { number } from './intl';
import { many } from './words';

/** The list of providers. */
export const paneEn = {
  more: 'More for providers',
  filter: (count: number) => `Filter ${count} ${many(count, 'provider', 'providers')}`,
  /** In the list: to the cent, and how sure it is. */
  spend: ({ totalNano, estimatedNano }: SpendView, format: Format) =>
    `${estimatedNano > 0 ? '≈ ' : ''}${format.cents(totalNano)}`,
  spendTitle: ({ unknown, estimatedNano }: SpendView, amount: string, format: Format) =>
    [
      `Spent this month: ${amount}`,
      estimatedNano > 0 ? `${format.cents(estimatedNano)} of it estimated` : '',
      unknown > 0 ? `${unknown} ${many(unknown, 'call', 'calls')} without a known price not in it` : '',
    ]
      .filter(Boolean)
      .join(', '),
  models: (count: number) => `${number(count)} ${many(count, 'model', 'models')}`,
  someFailed: (failed: number, calls: number) =>
    calls === 1 ? 'The last call failed' : `${failed} of the last ${calls} calls failed`,
  worksBut: (failed: number, calls: number) => `Works, ${failed} of the last ${calls} calls failed`,
  keySet: (name: string) => `${name} is set`,
  keySetShort: 'Key in environment',
  /** Where there is room for no more. */
  keySetNarrow: 'Key set',
  own: 'your file',
  ownTitle: 'From a vendor file of yours',
  moreVendors: (count: number) => `${count} more without a key`,
  withoutKey: (count: number) => `${count} without a key`,
  moreLocal: (count: number) => `${count} more not set up`,
  fewer: 'Show fewer',
  skipped: (count: number) => `${count} vendor ${many(count, 'file was', 'files were')} skipped`,
};

/** Adding a provider. */
export const providerFormEn = {
  usual: 'The vendor’s usual one',
  another: 'Another address',
  choose: 'Choose one',
};
