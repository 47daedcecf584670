import type { VendorField, VendorView } from '$lib/ipc/bindings';

/** The usual address for these values: some values have one of their own. */
export function usualFor(url: string, fields: VendorField[], values: Record<string, string>): string {
  for (const { id, addresses } of fields) {
    const value = values[id]?.trim() ?? '';
    if (Object.hasOwn(addresses, value)) return addresses[value] ?? url;
  }
  return url;
}

/** A part of an address: as the vendor wrote it, or the value of a field, which may still be missing. */
export type Piece = { text: string; field: string | null; filled: boolean };

const PLACE = /\{([A-Za-z_][\w-]*)\}/;

/** Whether values of fields make the address. */
export const isMade = (url: string | null): boolean => url !== null && PLACE.test(url);

/** The fields whose values stand in the address. */
export function placesIn(url: string | null): Set<string> {
  return new Set([...(url ?? '').matchAll(new RegExp(PLACE, 'g'))].map(([, id]) => id ?? ''));
}

/** The address that values make; a field without one stands there by its name. */
export function piecesOf(
  url: string,
  fields: Pick<VendorField, 'id' | 'name'>[],
  values: Record<string, string>,
): Piece[] {
  // The ids stand between what was split.
  return url.split(PLACE).flatMap((part, at): Piece[] => {
    if (at % 2 === 0) return part === '' ? [] : [{ text: part, field: null, filled: true }];
    const value = values[part]?.trim() ?? '';
    const name = fields.find((field) => field.id === part)?.name ?? part;
    return [{ text: value === '' ? name : value, field: part, filled: value !== '' }];
  });
}

/** The address for whom only the whole of it counts; null while a value is missing. */
export function madeAddress(url: string, values: Record<string, string>): string | null {
  const pieces = piecesOf(url, [], values);
  return pieces.every(({ filled }) => filled) ? pieces.map(({ text }) => text).join('') : null;
}

/** The fields that are asked for when a provider is added; the others are on its page. */
export function askedFields({
  fields,
  baseUrl,
  keyForm,
}: Pick<VendorView, 'fields' | 'baseUrl' | 'keyForm'>): VendorField[] {
  const places = placesIn(baseUrl);
  // Signing in comes next, and may need any of them.
  const all = keyForm === 'signIn';
  return fields.filter(({ id, required, usual }) => all || required || usual !== null || places.has(id));
}

/** What most people need. */
export function usualValues(fields: VendorField[]): Record<string, string> {
  return Object.fromEntries(fields.flatMap(({ id, usual }) => (usual === null ? [] : [[id, usual]])));
}
