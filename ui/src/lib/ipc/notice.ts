import type { VendorView } from './bindings';

/** Names of programs stand between backticks in the data of vendors; a page shows the names alone. */
export const unquoted = (text: string): string => text.replace(/`([^`]+)`/g, '$1');

/** What a vendor's data says of the access itself and its risk. */
export const noticeOf = (vendor: VendorView | undefined): string | null =>
  vendor?.notice ? unquoted(vendor.notice) : null;
