const LARGEST = 40_000_000;

/** What the first bytes of a file say it is; only what a browser draws without running anything. */
function typeOf(bytes: Uint8Array): string | null {
  const begins = (at: number, ...expected: number[]) =>
    expected.every((byte, place) => bytes[at + place] === byte);
  if (begins(0, 0x89, 0x50, 0x4e, 0x47)) return 'image/png';
  if (begins(0, 0xff, 0xd8, 0xff)) return 'image/jpeg';
  if (begins(0, 0x47, 0x49, 0x46, 0x38)) return 'image/gif';
  if (begins(0, 0x52, 0x49, 0x46, 0x46) && begins(8, 0x57, 0x45, 0x42, 0x50)) return 'image/webp';
  if (begins(4, 0x66, 0x74, 0x79, 0x70, 0x61, 0x76, 0x69)) return 'image/avif';
  return null;
}

/** A picture from base64 text; null where it is none, or is too large. A drawing (SVG) is none. */
export function pictureOf(base64: string): Blob | null {
  const text = base64.trim();
  if (text === '' || text.length > LARGEST) return null;
  try {
    const raw = atob(text);
    const bytes = Uint8Array.from(raw, (sign) => sign.charCodeAt(0));
    const type = typeOf(bytes);
    return type === null ? null : new Blob([bytes], { type });
  } catch {
    return null;
  }
}
