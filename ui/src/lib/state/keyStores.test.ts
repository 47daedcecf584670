import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Backend } from '$lib/ipc/backend';
import type { KeyInput, SecretStoresView } from '$lib/ipc/bindings';
import { BackendError } from '$lib/ipc/errors';
import { KeyStores } from './keyStores.svelte';

const stores = (over: Partial<SecretStoresView> = {}): SecretStoresView => ({
  keyring: 'available',
  keyringName: 'GNOME Keyring',
  vault: 'none',
  ...over,
});
const failed = (code: string, cause: string | null = null) =>
  new BackendError({ code, cause, category: null, message: code, field: null, status: null });
const unavailable = failed('secret', 'unavailable');

let view: SecretStoresView;
let keys: KeyStores;
let changed: ReturnType<typeof vi.fn<() => void>>;

beforeEach(() => {
  view = stores();
  changed = vi.fn<() => void>();
  const backend = {
    secretStores: async () => view,
    createVault: async () => (view = stores({ vault: 'open' })),
    unlockVault: async () => (view = stores({ vault: 'open' })),
    resetVault: async () => (view = stores()),
  };
  keys = new KeyStores(backend as unknown as Backend, changed);
});

/** Stores everything but what goes into the keyring. */
function withoutKeyring() {
  const kept: KeyInput[] = [];
  const send = async (input: KeyInput) => {
    if (input.kind === 'keyring') throw unavailable;
    kept.push(input);
    return input.kind;
  };
  return { kept, send };
}

async function asked(kind: string) {
  await vi.waitFor(() => expect(keys.question?.kind).toBe(kind));
  const { question } = keys;
  if (!question) throw new Error('no question');
  return question;
}

describe('KeyStores', () => {
  it('asks nothing where the keyring takes the key', async () => {
    const send = vi.fn(async (input: KeyInput) => input);
    expect(await keys.keep('k', [], send)).toEqual({ kind: 'keyring', key: 'k' });
    expect(keys.question).toBeNull();
  });

  it('asks once for several keys, and remembers the answer', async () => {
    const { kept, send } = withoutKeyring();
    const both = Promise.all([keys.keep('one', [], send), keys.keep('two', [], send)]);
    const question = await asked('where');
    if (question.kind === 'where') question.answer({ kind: 'session' });
    expect(await both).toEqual(['session', 'session']);
    expect(await keys.keep('three', [], send)).toBe('session');
    expect(kept.map((input) => input.kind)).toEqual(['session', 'session', 'session']);
  });

  it('never keeps a key that the person did not place', async () => {
    const { kept, send } = withoutKeyring();
    const saving = keys.keep('k', [], send);
    const question = await asked('where');
    if (question.kind === 'where') question.answer(null);
    expect(await saving).toBeNull();
    expect(kept).toEqual([]);
  });

  it('makes the file first where there is none, and saves nothing where that is called off', async () => {
    const { kept, send } = withoutKeyring();
    const saving = keys.keep('k', [], send);
    const where = await asked('where');
    if (where.kind === 'where') where.answer({ kind: 'vault' });
    const create = await asked('create');
    if (create.kind === 'create') create.answer(false);
    expect(await saving).toBeNull();
    expect(kept).toEqual([]);
  });

  it('unlocks the file again where it was locked in between', async () => {
    view = stores({ vault: 'open' });
    let locked = true;
    const send = async (input: KeyInput) => {
      if (input.kind === 'keyring') throw unavailable;
      if (!locked) return input.kind;
      locked = false;
      view = stores({ vault: 'locked' });
      throw failed('secret', 'locked');
    };
    const saving = keys.keep('k', [], send);
    const where = await asked('where');
    if (where.kind === 'where') where.answer({ kind: 'vault' });
    const unlock = await asked('unlock');
    await keys.submit('unlock', 'a passphrase', '');
    if (unlock.kind === 'unlock') unlock.answer(true);
    expect(await saving).toBe('vault');
    expect(changed).toHaveBeenCalled();
  });

  it('drops the key for a variable', async () => {
    const { kept, send } = withoutKeyring();
    const saving = keys.keep('k', [{ name: 'A_KEY', set: true }], send);
    const where = await asked('where');
    if (where.kind === 'where') where.answer({ kind: 'env', name: 'A_KEY' });
    await saving;
    expect(kept).toEqual([{ kind: 'env', name: 'A_KEY' }]);
  });

  it('takes a cancelled wait as the person’s word', async () => {
    const send = async () => Promise.reject(failed('cancelled_waiting'));
    expect(await keys.keep('k', [], send)).toBeNull();
    expect(keys.question).toBeNull();
  });

  it('says that it waits only while it waits', async () => {
    vi.useFakeTimers();
    let end: () => void = () => undefined;
    const saving = keys.keep('k', [], () => new Promise<string>((done) => (end = () => done('kept'))));
    await vi.advanceTimersByTimeAsync(400);
    expect(keys.waiting).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    expect(keys.waiting).toBe(true);
    end();
    expect(await saving).toBe('kept');
    expect(keys.waiting).toBe(false);
    vi.useRealTimers();
  });

  it('lets any other failure through', async () => {
    await expect(
      keys.keep('k', [], async () => Promise.reject(failed('invalid', 'not_ascii'))),
    ).rejects.toThrow('invalid');
  });
});

describe('the place of a secret that never comes through the window', () => {
  it('is the keyring where that is, and nobody is asked', async () => {
    expect(await keys.place()).toBe('keyring');
    expect(keys.question).toBeNull();
  });

  it('is asked for where there is no keyring, without variables, and asked once', async () => {
    view = stores({ keyring: 'unavailable' });
    const place = keys.place();
    const question = await asked('where');
    if (question.kind !== 'where') throw new Error('another question');
    expect([question.why, question.env]).toEqual(['unavailable', null]);
    question.answer({ kind: 'session' });
    expect(await place).toBe('session');
    expect(await keys.place()).toBe('session');
    expect(keys.question).toBeNull();
  });

  it('may be another one by wish, the file opened first', async () => {
    const place = keys.place(true);
    const question = await asked('where');
    if (question.kind !== 'where') throw new Error('another question');
    expect(question.why).toBe('chosen');
    question.answer({ kind: 'vault' });
    const passphrase = await asked('create');
    if (passphrase.kind === 'where') throw new Error('another question');
    passphrase.answer(true);
    expect(await place).toBe('vault');
  });

  it('is nowhere where the person calls it off', async () => {
    const place = keys.place(true);
    const question = await asked('where');
    if (question.kind === 'where') question.answer(null);
    expect(await place).toBeNull();
  });
});
