import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { KeyPlace, ProviderView, SignInEnd, SignInView } from '$lib/ipc/bindings';
import { BackendError } from '$lib/ipc/errors';
import { SignIn } from './signIn.svelte';

const view = (id: string, page = 'https://github.com/login/device'): SignInView => ({
  id,
  userCode: 'ABCD-1234',
  page,
  expiresAt: 900_000,
});
const provider = { id: 'p' } as ProviderView;
const refused = new BackendError({
  code: 'provider',
  category: 'forbidden',
  message: 'no',
  field: null,
  status: 403,
  cause: null,
});

let ends: ((end: SignInEnd | Error) => void)[];
let asked: [string, KeyPlace][];
let cancelled: string[];
let opened: string[];
let doubted: string[];
let signed: ProviderView[];
let place: KeyPlace | null;
let code: SignInView;
let signIn: SignIn;

beforeEach(() => {
  [ends, asked, cancelled, opened, doubted, signed] = [[], [], [], [], [], []];
  place = 'keyring';
  code = view('s1');
  signIn = new SignIn('a1', {
    backend: {
      beginSignIn: async (id, where) => {
        asked.push([id, where]);
        return code;
      },
      awaitSignIn: () =>
        new Promise((resolve, reject) =>
          ends.push((end) => (end instanceof Error ? reject(end) : resolve(end))),
        ),
      cancelSignIn: async (id) => void cancelled.push(id),
      inspectLink: async (address) => ({
        address,
        host: 'h',
        shownHost: 'h',
        scheme: 'https',
        doubts: address.startsWith('http:') ? ['plain'] : [],
      }),
      openLink: async (address) => void opened.push(address),
    },
    place: async () => place,
    doubt: (address) => doubted.push(address),
    signedIn: (got) => signed.push(got),
  });
});

async function waiting() {
  void signIn.begin();
  await vi.waitFor(() => expect(ends).not.toHaveLength(0));
}

describe('a sign-in', () => {
  it('asks nothing and opens nothing before the person says so', async () => {
    expect(signIn.phase.kind).toBe('before');
    await signIn.open();
    expect([asked, opened]).toEqual([[], []]);
    await waiting();
    expect(signIn.phase).toEqual({ kind: 'waiting', code });
    expect([asked, opened]).toEqual([[['a1', 'keyring']], []]);
    await signIn.open();
    expect(opened).toEqual(['https://github.com/login/device']);
  });

  it('begins once', async () => {
    await Promise.race([signIn.begin(), signIn.begin(), waiting()]);
    expect(asked).toHaveLength(1);
  });

  it.each(['denied', 'expired', 'cancelled'] as const)('that ended as %s can begin again', async (kind) => {
    await waiting();
    ends[0]?.({ kind });
    await vi.waitFor(() => expect(signIn.phase).toEqual({ kind }));
    code = view('s2');
    void signIn.begin();
    await vi.waitFor(() => expect(signIn.phase).toEqual({ kind: 'waiting', code }));
    expect(signed).toEqual([]);
  });

  it('hands the provider over', async () => {
    await waiting();
    ends[0]?.({ kind: 'signedIn', provider });
    await vi.waitFor(() => expect(signIn.phase.kind).toBe('signedIn'));
    expect(signed).toEqual([provider]);
    signIn.leave();
    expect(cancelled).toEqual([]);
  });

  it('says why it failed', async () => {
    await waiting();
    ends[0]?.(refused);
    await vi.waitFor(() => expect(signIn.phase).toEqual({ kind: 'failed', error: refused }));
  });

  it('goes back where the person keeps it nowhere', async () => {
    place = null;
    await signIn.begin();
    expect([signIn.phase.kind, asked]).toEqual(['before', []]);
  });

  it('is cancelled when the person leaves, and a token that came meanwhile is not lost', async () => {
    await waiting();
    signIn.leave();
    expect(cancelled).toEqual(['s1']);
    ends[0]?.({ kind: 'signedIn', provider });
    await vi.waitFor(() => expect(signed).toEqual([provider]));
    expect(signIn.phase.kind).toBe('waiting');
  });

  it('that got its code after the person left is cancelled too', async () => {
    const begun = signIn.begin();
    signIn.leave();
    await begun;
    expect(asked.length === 0 || cancelled.includes('s1')).toBe(true);
    expect(ends).toEqual([]);
  });

  it('shows a page that gives doubts before it is opened', async () => {
    code = view('s1', 'http://github.example/');
    await waiting();
    await signIn.open();
    expect([opened, doubted]).toEqual([[], ['http://github.example/']]);
  });
});
