/** The form of a word for a count. */
export const many = (count: number, one: string, more: string) => (count === 1 ? one : more);

/** A list as it is spoken: one, two and three. */
export function list(names: string[]): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
