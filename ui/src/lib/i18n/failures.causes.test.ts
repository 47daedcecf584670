import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Category } from '$lib/ipc/bindings';
import { causes } from './failures.en';

const crates = join(import.meta.dirname, '../../../../crates');

/** Causes whose category has the right words already. */
const plain = new Set([
  'cancelled.stopped',
  'network.network',
  'internal.failed',
  // Reasons of vendors, which stand in tables.
  'internal.insufficient_system_resource',
  'overloaded.model_context_window_exceeded',
]);

const snake = (name: string) => name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase();

/** Every pair of a category and a cause that stands in the Rust sources side by side. */
function said(): Set<string> {
  const files = ['core', 'providers'].flatMap((name) =>
    readdirSync(join(crates, name, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.rs') && !/(^|[\\/])tests?\b/.test(path))
      .map((path) => join(crates, name, 'src', path)),
  );
  const found = new Set<string>();
  for (const file of files) {
    const [source = ''] = readFileSync(file, 'utf8').split('#[cfg(test)]');
    const pairs = /Category::(\w+)(?:,\s*|,\s*Some\(|\),\s*cause: Some\()"([a-z]+(?:_[a-z]+)*)"/g;
    for (const [, category = '', cause = ''] of source.matchAll(pairs)) {
      // `classify.rs` has pairs the other way around; what follows there is a vendor's code.
      if (/classify\.rs$/.test(file)) continue;
      found.add(`${snake(category)}.${cause}`);
    }
  }
  return found;
}

describe('causes', () => {
  const all = said();

  it('are found where they are said', () => {
    expect(all).toContain('bad_request.program_missing');
    expect(all).toContain('forbidden.no_copilot');
    expect(all.size).toBeGreaterThan(60);
  });

  it('have words of their own', () => {
    const wordless = [...all].filter((pair) => {
      const [category, cause] = pair.split('.') as [Category, string];
      return !plain.has(pair) && !Object.hasOwn(causes[category] ?? {}, cause);
    });
    expect(wordless).toEqual([]);
  });
});
