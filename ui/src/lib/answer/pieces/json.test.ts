import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fields, pretty } from './json';

describe('arguments of a tool', () => {
  it('are set out without a change to any value', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (json) => {
        const text = pretty(json);
        expect(text).not.toBeNull();
        expect(JSON.parse(text ?? '')).toEqual(JSON.parse(json));
      }),
      { seed: 7 },
    );
    expect(pretty('{"a":12345678901234567890.10,"b":[1,{}],"c":[]}')).toBe(
      '{\n  "a": 12345678901234567890.10,\n  "b": [\n    1,\n    {}\n  ],\n  "c": []\n}',
    );
  });

  it('are no JSON where they are not', () => {
    for (const text of ['{"a":', '{', 'words', "{'a':1}"]) expect(pretty(text)).toBeNull();
  });

  it('are a table where that shows exactly what was sent', () => {
    expect(fields('{"query":"a\\nb","limit":5,"safe":true,"x":null}')).toEqual([
      { key: 'query', value: 'a\nb' },
      { key: 'limit', value: '5' },
      { key: 'safe', value: 'true' },
      { key: 'x', value: 'null' },
    ]);
    for (const text of [
      '{"a":1,"a":2}',
      '{"a":12345678901234567890}',
      '{"a":1.0}',
      '{"a":{}}',
      '[1]',
      'null',
      '{"a',
    ]) {
      expect(fields(text), text).toBeNull();
    }
  });
});
