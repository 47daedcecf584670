import type { KeyForm, KeyInput } from '$lib/ipc/bindings';
import { emptyAws, missingAws, valueOfAws, type AwsDraft } from '$lib/keys/aws';
import { readGoogle } from '$lib/keys/google';
import type { KeyStores } from '$lib/state/keyStores.svelte';

/** What is being entered where a key alone does not open the door. Nothing that is stored ever stands in it. */
export type Entered = {
  aws: AwsDraft;
  google: string;
  /** The variable it is in; null where it is pasted. */
  variable: string | null;
};

export const nothingEntered = (): Entered => ({
  aws: emptyAws(),
  google: '',
  variable: null,
});

/** Whether it takes more than one line. */
export const takesMore = (form: KeyForm): form is 'aws' | 'google' => form === 'aws' || form === 'google';

/** Whether something of it is missing, or cannot be read. */
export function isUnfit(form: KeyForm, { aws, google, variable }: Entered): boolean {
  if (form === 'aws') return missingAws(aws).length > 0;
  if (form === 'google' && variable !== null) return variable.trim() === '';
  return form === 'google' && ['empty', 'wrong'].includes(readGoogle(google).kind);
}

/** Sends it, once: what is secret by the way of the stores. Null where the person called that off. */
export async function keepEntered<T>(
  form: 'aws' | 'google',
  entered: Entered,
  stores: KeyStores,
  send: (input: KeyInput) => Promise<T>,
  elsewhere = false,
): Promise<T | null> {
  if (form === 'google' && entered.variable !== null) {
    return send({ kind: 'env', name: entered.variable.trim() });
  }
  const { text, secret } =
    form === 'aws' ? valueOfAws(entered.aws) : { text: entered.google.trim(), secret: true };
  // What only says where to look goes into no store, so none is unlocked for it.
  return secret ? stores.keep(text, null, send, elsewhere) : send({ kind: 'session', key: text });
}
