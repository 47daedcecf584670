import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Backend } from '$lib/ipc/backend';
import type { ImportInput, ImportView } from '$lib/ipc/bindings';
import { refuse } from '$lib/ipc/fake/refuse';
import { Importing } from './importing.svelte';
import { KeyStores } from './keyStores.svelte';

const view = (keys: number, done = false): ImportView => ({
  format: 'parlance',
  providers: [
    {
      name: 'one',
      vendor: 'openai',
      vendorName: 'OpenAI',
      mark: { letters: 'Oa', hue: 'jade', hatched: false },
      category: 'cloud',
      baseUrl: 'https://api.openai.com/v1',
      keys,
      replaces: false,
    },
  ],
  routes: [],
  budgets: 0,
  prices: 0,
  notes: [],
  done,
});

describe('a configuration on its way in', () => {
  let asked: ImportInput[];
  let taken: ImportInput[];
  let preview: (input: ImportInput) => ImportView;
  let imported: () => Promise<void>;
  let importing: Importing;

  beforeEach(() => {
    asked = [];
    taken = [];
    preview = () => view(1);
    imported = vi.fn(async () => undefined);
    const backend = {
      previewImport: async (input: ImportInput) => {
        asked.push(input);
        return preview(input);
      },
      importConfig: async (input: ImportInput) => {
        taken.push(input);
        return { ...preview(input), done: true };
      },
      secretStores: async () => ({ keyring: 'available', keyringName: '', vault: 'none' }),
    } as unknown as Backend;
    importing = new Importing(backend, new KeyStores(backend, () => undefined), imported);
  });

  it('takes nothing over before it was shown and confirmed', async () => {
    await importing.take();
    expect(taken).toEqual([]);
    await importing.read('a = 1', null);
    expect(importing.stage).toBe('preview');
    expect(taken).toEqual([]);
    await importing.take();
    expect(taken).toEqual([{ text: 'a = 1', passphrase: null, store: 'keyring' }]);
    expect(importing.stage).toBe('done');
    expect(imported).toHaveBeenCalledTimes(1);
  });

  it('opens no store for a file without keys', async () => {
    preview = () => view(0);
    importing.store = 'vault';
    await importing.read('a = 1', null);
    await importing.take();
    expect(taken[0]?.store).toBe('session');
    expect(importing.stage).toBe('done');
  });

  it('asks for the passphrase, says that one was wrong, and takes over with the right one', async () => {
    preview = ({ passphrase }) => {
      if (passphrase === null) refuse('invalid', { field: 'passphrase', cause: 'required' });
      if (passphrase !== 'right') refuse('secret', { cause: 'wrong_passphrase' });
      return view(1);
    };
    await importing.read('sealed', 'a.age');
    expect([importing.stage, importing.wrongPassphrase, importing.error]).toEqual([
      'passphrase',
      false,
      null,
    ]);
    await importing.unlock('wrong');
    expect([importing.stage, importing.wrongPassphrase, importing.error]).toEqual(['passphrase', true, null]);
    await importing.unlock('right');
    expect(importing.stage).toBe('preview');
    await importing.take();
    expect(taken[0]?.passphrase).toBe('right');
  });

  it('stays where it is when something fails, and says why', async () => {
    preview = () => refuse('invalid', { field: 'text', cause: 'empty' });
    await importing.read('', null);
    expect([importing.stage, importing.error?.reason]).toEqual(['choose', 'empty']);
    preview = () => view(1);
    await importing.read('a = 1', null);
    preview = () => refuse('secret', { cause: 'unavailable' });
    await importing.take();
    expect([importing.stage, importing.error?.reason]).toEqual(['preview', 'unavailable']);
    expect(imported).not.toHaveBeenCalled();
  });

  it('stays where it is when the wait on the keyring was called off', async () => {
    await importing.read('a = 1', null);
    preview = () => refuse('cancelled_waiting');
    await importing.take();
    expect([importing.stage, importing.error]).toEqual(['preview', null]);
  });

  it('lets go of the text with another file, and once it is imported', async () => {
    await importing.read('with a key', 'a.toml');
    importing.back();
    await importing.unlock('p');
    expect(asked.at(-1)?.text).toBe('');
    await importing.read('with a key', 'a.toml');
    await importing.take();
    await importing.unlock('p');
    expect(asked.at(-1)?.text).toBe('');
  });

  it('reads no file that is far too long', async () => {
    await importing.readFile(new File(['x'.repeat(8 * 1024 * 1024 + 1)], 'huge'));
    expect(asked).toEqual([]);
    expect(importing.error?.reason).toBe('too_long');
  });
});
