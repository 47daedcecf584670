import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/*
 * WebKit restyles all that such a rule could reach with each element that could match what is asked for. One on the root
 * that asked for `[aria-pressed]` cost 400 ms with each listing of code that came into eight long answers.
 */
it('no stylesheet of the whole page asks for descendants', () => {
  const sheets = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.css'));
  expect(sheets.length).toBeGreaterThan(1);
  for (const sheet of sheets)
    expect(readFileSync(join(import.meta.dirname, sheet), 'utf8'), sheet).not.toContain(':has(');
});
