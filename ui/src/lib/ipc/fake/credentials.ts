import type { KeyForm } from '../bindings';
import { refuse } from './refuse';

type Read = { secret: string; identity: string | null; alone: boolean };

const unreadable = (): never =>
  refuse('provider', {
    category: 'rejected_key',
    cause: 'unreadable_credential',
    message: 'the key pair has no secret access key',
  });

/** What was entered, taken apart as the core does; null for a plain key. */
export function identityIn(form: KeyForm, text: string): Read | null {
  if (form === 'token' || form === 'signIn' || !text.trim().startsWith('{')) return null;
  let given: Record<string, string | boolean | undefined>;
  try {
    given = JSON.parse(text) as typeof given;
  } catch {
    return unreadable();
  }
  const word = (name: string) => (typeof given[name] === 'string' ? given[name] : '');
  if (form === 'google') {
    const secret = (word('private_key') || word('refresh_token')).replace(/\s/g, '');
    if (secret === '') return unreadable();
    return { secret, identity: word('client_email') || word('client_id'), alone: false };
  }
  if (given.environment === true) return { secret: '', identity: 'AWS_ACCESS_KEY_ID', alone: true };
  if (word('profile') !== '') return { secret: '', identity: word('profile'), alone: true };
  if (word('accessKeyId') === '' || word('secretAccessKey') === '') return unreadable();
  return { secret: word('secretAccessKey'), identity: word('accessKeyId'), alone: false };
}
