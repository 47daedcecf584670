import { describe, expect, it } from 'vitest';
import { colourCode, colours } from './colour';
import { grammars } from './grammars';

async function parts(grammar: string, code: string) {
  const pairs = (await colourCode(grammar, code)) ?? new Uint32Array();
  const found: [string, string][] = [];
  let at = 0;
  for (let pair = 0; pair < pairs.length; pair += 2) {
    const end = at + (pairs[pair] ?? 0);
    found.push([code.slice(at, end), colours[pairs[pair + 1] ?? 0] ?? '']);
    at = end;
  }
  expect(at).toBe(code.length);
  return found;
}

describe('colours of code', () => {
  it('follow the words', async () => {
    const found = await parts('rust', 'let x = 8; // why\nf("s")');
    expect(found).toContainEqual(['let', 'key']);
    expect(found).toContainEqual(['8', 'num']);
    expect(found).toContainEqual(['// why', 'com']);
    expect(found).toContainEqual(['"s"', 'str']);
  });

  it('know what stands in a page', async () => {
    expect(await parts('xml', '<script>const a = 1</script>')).toContainEqual(['const', 'key']);
  });

  it('are none for an unknown grammar', async () => {
    expect(await colourCode('__proto__', 'x')).toBeNull();
    expect(await colourCode('nothing', 'x')).toBeNull();
  });

  it.each(Object.keys(grammars))('cover each text whole: %s', async (grammar) => {
    await parts(grammar, '<a b="c">\n# x = \'y\' + 1; // z\r\n/* \u{1F600} */ "unclosed');
  });
});
