/** Filters of a query that are whole: what the search understands, as typed. */
const FILTER =
  /^-?(?:from:(?:you|me|model)|has:(?:code|image|attachment|file)|is:failed|in:(?:archive|trash)|(?:before|after):\d{4}-\d{2}-\d{2}|cost:[<>]=?\$?(?:\d+\.?\d*|\.\d+)|(?:model|provider):(?:"[^"]+"|[^\s"]+))$/i;
const TOKEN = /-?[a-z]+:"[^"]*"|\S+/gi;

export function isFilter(token: string): boolean {
  return FILTER.test(token);
}

/** Takes the filters out of a text: all that something follows, or with `all` the last one too. */
export function takeFilters(text: string, all = false): { filters: string[]; rest: string } {
  const filters: string[] = [];
  let rest = '';
  let from = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [token] = match;
    const end = match.index + token.length;
    if (!isFilter(token) || (end === text.length && !all)) continue;
    filters.push(token);
    rest += text.slice(from, match.index).trimEnd() + (rest || match.index > 0 ? ' ' : '');
    from = /^\s/.test(text.slice(end)) ? end + 1 : end;
  }
  return filters.length > 0
    ? { filters, rest: (rest + text.slice(from)).trimStart() }
    : { filters, rest: text };
}

/** The operator and what it asks, for a chip. */
export function partsOf(filter: string): { operator: string; value: string } {
  const at = filter.indexOf(':') + 1;
  return { operator: filter.slice(0, at), value: filter.slice(at).replaceAll('"', '') };
}

/** A value as a filter takes it. */
export function quoted(value: string): string {
  return /\s/.test(value) ? `"${value}"` : value;
}

/** The local day of a moment, as filters write it. */
export function dayOf(moment: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}
