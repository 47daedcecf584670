import { describe, expect, it, vi } from 'vitest';
import type { Backend } from '$lib/ipc/backend';
import { fakeBackend } from '$lib/ipc/fake/backend';
import { Preferences } from '$lib/state/preferences.svelte';
import { WaysOut } from './outside.svelte';

function window_(over: Partial<Backend> = {}) {
  const backend = { ...fakeBackend(new URLSearchParams()), ...over };
  const opened: string[] = [];
  backend.openLink = async (address) => void opened.push(address);
  let stored: Record<string, string> = {};
  const preferences = new Preferences(
    () => stored,
    async ({ name, value }) => (stored = value === null ? {} : { [name]: value }),
  );
  const complaints: unknown[] = [];
  const ways = new WaysOut(
    backend,
    () => preferences,
    (thrown) => complaints.push(thrown),
  );
  return { ways, opened, preferences, complaints };
}

const asked = (ways: WaysOut) => vi.waitUntil(() => ways.question);

describe('links', () => {
  it('ask first, open what was shown, and ask no more where that was wished', async () => {
    const { ways, opened, preferences } = window_();
    ways.openLink('https://example.org/a');
    expect(await asked(ways)).toMatchObject({
      kind: 'ask',
      mayRemember: true,
      link: { host: 'example.org' },
    });
    expect(opened).toEqual([]);
    await ways.open(true);
    expect(opened).toEqual(['https://example.org/a']);
    expect(preferences.get('link-hosts')).toEqual(['example.org']);
    ways.openLink('https://example.org/b');
    await vi.waitUntil(() => opened.length === 2);
    expect(ways.question).toBeNull();
    ways.openLink('https://sub.example.org/');
    expect(await asked(ways)).toMatchObject({ kind: 'ask' });
  });

  it.each(['http://example.org/', 'https://name@example.org/', 'mailto:ada@example.org'])(
    'never remember %s, and ask for it although its host is known',
    async (address) => {
      const { ways, opened, preferences } = window_();
      await preferences.set('link-hosts', ['example.org']);
      ways.openLink(address);
      expect(await asked(ways)).toMatchObject({ kind: 'ask', mayRemember: false });
      await ways.open(true);
      expect(opened).toHaveLength(1);
      expect(preferences.get('link-hosts')).toEqual(['example.org']);
    },
  );

  it('say why they are not opened', async () => {
    const { ways, opened } = window_();
    ways.openLink('javascript:alert(1)');
    expect(await asked(ways)).toMatchObject({ kind: 'refused', error: { reason: 'scheme' } });
    await ways.open(false);
    expect(opened).toEqual([]);
  });

  it('ask about the last one only', async () => {
    const held: (() => void)[] = [];
    const real = fakeBackend(new URLSearchParams());
    const { ways } = window_({
      inspectLink: async (address) => {
        await new Promise<void>((go) => held.push(go));
        return real.inspectLink(address);
      },
    });
    ways.openLink('https://first.example/');
    ways.openLink('https://second.example/');
    held[1]?.();
    expect(await asked(ways)).toMatchObject({ link: { host: 'second.example' } });
    ways.close();
    held[0]?.();
    await Promise.resolve();
    expect(ways.question).toBeNull();
  });
});

describe('pictures', () => {
  it('come as an address of the page’s own, or with a sentence', async () => {
    const blobs: Blob[] = [];
    URL.createObjectURL = (blob) => {
      blobs.push(blob as Blob);
      return 'blob:one';
    };
    const { ways } = window_();
    expect(await ways.loadImage('https://example.org/a.png')).toBe('blob:one');
    expect(blobs[0]).toMatchObject({ type: 'image/png', size: 70 });
    await expect(ways.loadImage('https://example.org/missing.png')).rejects.toThrow(
      'The picture could not be fetched.',
    );
    const page = window_({ fetchImage: async () => ({ mediaType: 'text/html', base64: 'PGI+' }) });
    await expect(page.ways.loadImage('https://example.org/')).rejects.toThrow('What came is no picture.');
    expect(blobs).toHaveLength(1);
  });
});
