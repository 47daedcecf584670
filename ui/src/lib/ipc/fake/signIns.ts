import type { Backend } from '../backend';
import type { ProviderView, SignInEnd } from '../bindings';
import { noKey } from './catalogue';
import { failure } from './checks';
import { fresh } from './data';
import { refuse } from './refuse';
import type { FakeStores } from './stores';

type Part = Pick<Backend, 'beginSignIn' | 'awaitSignIn' | 'cancelSignIn'>;
type Waiting = { accountId: string; place: string; end: (end: SignInEnd | Error) => void };

const asError = (refusing: () => never): Error => {
  try {
    return refusing();
  } catch (thrown) {
    return thrown as Error;
  }
};

/**
 * `?signin=` is signed (after a moment), waits, denied, expired, refused (by the vendor) or unkept; with `no-code` no
 * sign-in begins. `?code-page=` is the vendor's page, `?code-s=` how long the code is good.
 */
export function fakeSignIns(
  query: URLSearchParams,
  holder: () => { providers: ProviderView[] },
  pace: number,
  stores: FakeStores,
): Part {
  const manner = query.get('signin') ?? 'signed';
  const waiting = new Map<string, Waiting>();
  const logins = ['ada-lovelace', 'harbor-works', 'a-login-of-thirty-nine-characters-so-lo'];

  const ends: Record<string, (id: string, of: Waiting) => Promise<SignInEnd | Error> | SignInEnd | Error> = {
    signed: async (_, of) => ({ kind: 'signedIn', provider: await keep(of) }),
    denied: () => ({ kind: 'denied' }),
    expired: () => ({ kind: 'expired' }),
    refused: () =>
      asError(() =>
        refuse('provider', {
          ...failure('forbidden', 403, 'feature_flag_blocked', 'Contact Support. You are not authorized.'),
          cause: 'feature_flag_blocked',
        }),
      ),
    unkept: () => asError(() => refuse('secret', { cause: 'not_kept' })),
  };

  async function keep({ accountId, place }: Waiting): Promise<ProviderView> {
    if (place === 'keyring') await stores.enterKeyring();
    for (const provider of holder().providers) {
      const account = provider.accounts.find(({ id }) => id === accountId);
      if (!account) continue;
      account.key = { ...noKey, store: place, status: 'ready' };
      account.identity = logins[provider.accounts.indexOf(account)] ?? 'octocat';
      provider.ready = true;
      return structuredClone(provider);
    }
    return refuse('not_found');
  }

  return {
    async beginSignIn(accountId, place) {
      if (manner === 'no-code') refuse('provider', { category: 'network', cause: 'dns' });
      for (const other of waiting.values())
        if (other.accountId === accountId) other.end({ kind: 'cancelled' });
      const id = fresh('s');
      waiting.set(id, { accountId, place, end: () => undefined });
      return {
        id,
        userCode: 'WDJB-MJHT',
        page: query.get('code-page') ?? 'https://github.com/login/device',
        expiresAt: Date.now() + 1000 * Number(query.get('code-s') ?? 899),
      };
    },
    async awaitSignIn(id) {
      const known = waiting.get(id) ?? refuse('not_found');
      const end = await new Promise<SignInEnd | Error>((resolve) => {
        known.end = resolve;
        const later = ends[manner];
        if (later) setTimeout(() => void Promise.resolve(later(id, known)).then(resolve, resolve), pace * 20);
      });
      waiting.delete(id);
      if (end instanceof Error) throw end;
      return end;
    },
    async cancelSignIn(id) {
      waiting.get(id)?.end({ kind: 'cancelled' });
    },
  };
}
