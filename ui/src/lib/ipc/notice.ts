import type { VendorView } from './bindings';

/** A vendor with what its data says of the access itself and its risk. */
export type Noticed = VendorView & { notice?: string | null };

/** Names of programs stand between backticks in the data of vendors; a page shows the names alone. */
export const unquoted = (text: string): string => text.replace(/`([^`]+)`/g, '$1');

export const noticeOf = (vendor: VendorView | undefined): string | null => {
  const notice = (vendor as Noticed | undefined)?.notice ?? null;
  return notice === null ? null : unquoted(notice);
};
