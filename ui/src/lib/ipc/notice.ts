import type { VendorView } from './bindings';

/** A vendor with what its data says of the access itself and its risk. */
export type Noticed = VendorView & { notice?: string | null };

export const noticeOf = (vendor: VendorView | undefined): string | null =>
  (vendor as Noticed | undefined)?.notice ?? null;
