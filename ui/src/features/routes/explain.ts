import { t } from '$lib/i18n/en';
import { asBackendError } from '$lib/ipc/errors';
import { readNumber, type NumberRule } from '$lib/state/composer/setup';
import { Refused } from '$lib/state/drafts.svelte';

const own = (key: string) => (Object.hasOwn(t.routes.causes, key) ? t.routes.causes[key] : undefined);

/** Why a part of a route was not kept, in a sentence for beside its field. */
export function explain(thrown: unknown): string {
  if (thrown instanceof Refused) return thrown.message;
  const error = asBackendError(thrown);
  if (error.code !== 'invalid') return t.errors.command(error);
  // A field of a target says which target after its name.
  const [field = ''] = error.field?.split('.') ?? [];
  return (
    own(`${field}_${error.reason ?? ''}`) ?? own(field) ?? own(error.reason ?? '') ?? t.errors.command(error)
  );
}

/** A number, or null where nothing was typed. Throws the given sentence at anything else. */
export function numberOf(text: string, rule: NumberRule, otherwise: string): number | null {
  const read = readNumber(text.replaceAll(/(?<=\d)[ ,](?=\d{3}\b)/g, ''), rule);
  if ('fault' in read) throw new Refused(otherwise);
  return read.value;
}

/** A whole number that has to be there. */
export function countOf(text: string, least: number, most: number): number {
  const { count, tooMuch } = t.routes.rules;
  const read = readNumber(text, { least, most, whole: true });
  if ('fault' in read)
    throw new Refused(read.fault === 'outside' ? tooMuch(String(least), String(most)) : count);
  if (read.value === null) throw new Refused(count);
  return read.value;
}
