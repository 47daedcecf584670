import { t } from '$lib/i18n/en';
import { asBackendError } from '$lib/ipc/errors';
import { readNumber, type NumberRule } from '$lib/state/composer/setup';
import { Refused } from '$lib/state/drafts.svelte';

/** Why a setting was not kept, in a sentence for beside its field. */
export function explain(thrown: unknown): string {
  if (thrown instanceof Refused) return thrown.message;
  return t.provider.explain(asBackendError(thrown), t.errors.command);
}

const MOST = 4_294_967_295;

/** A whole number of one or more; null where nothing was typed. Throws the given sentence at anything else. */
export function wholeOf(text: string, otherwise: string): number | null {
  return numberOf(text, { least: 1, most: MOST, whole: true }, otherwise);
}

export function numberOf(text: string, rule: NumberRule, otherwise: string): number | null {
  const read = readNumber(text, rule);
  if ('fault' in read) throw new Refused(otherwise);
  return read.value;
}

/** Whether a header of this name most likely carries a secret. */
export function smellsOfKey(name: string): boolean {
  return /auth|key|token|secret|pass|credential|cookie|session|sign|jwt|bearer/i.test(name);
}

/** A JSON object as it is kept; empty for none. Throws a sentence at anything else. */
export function objectOf(text: string): string {
  if (text === '') return '';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw new Refused(t.provider.extras.bad(thrown instanceof Error ? thrown.message : ''));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refused(t.provider.extras.notAnObject);
  }
  return text;
}
