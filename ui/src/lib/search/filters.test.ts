import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOf, isFilter, partsOf, quoted, takeFilters } from './filters';

describe('filters in the field', () => {
  it('knows what the search understands', () => {
    const known = [
      'from:you',
      '-from:model',
      'has:code',
      'is:failed',
      'in:archive',
      'before:2026-11-01',
      'cost:>0.10',
      'cost:<=$2',
      'model:gpt-5',
      'provider:"My server"',
    ];
    const text = [
      'from:mars',
      'model:',
      'std::vec',
      'https://a.b',
      'before:soon',
      'cost:5',
      'x:y',
      'model:"',
    ];
    expect(known.filter((token) => !isFilter(token))).toEqual([]);
    expect(text.filter(isFilter)).toEqual([]);
  });

  it('takes a filter once something follows it', () => {
    expect(takeFilters('from:you')).toEqual({ filters: [], rest: 'from:you' });
    expect(takeFilters('from:you', true)).toEqual({ filters: ['from:you'], rest: '' });
    expect(takeFilters('from:you ')).toEqual({ filters: ['from:you'], rest: '' });
    expect(takeFilters('p99 has:code queue')).toEqual({ filters: ['has:code'], rest: 'p99 queue' });
    expect(takeFilters('provider:"My server" p99')).toEqual({
      filters: ['provider:"My server"'],
      rest: 'p99',
    });
    expect(takeFilters('from:mars std::vec ')).toEqual({ filters: [], rest: 'from:mars std::vec ' });
  });

  it('writes chips, values and days', () => {
    expect(partsOf('-in:archive')).toEqual({ operator: '-in:', value: 'archive' });
    expect(partsOf('provider:"My server"')).toEqual({ operator: 'provider:', value: 'My server' });
    expect([quoted('Groq'), quoted('My server')]).toEqual(['Groq', '"My server"']);
    expect(dayOf(new Date(2026, 0, 5, 23, 59))).toBe('2026-01-05');
  });

  it('loses nothing of any text', () => {
    const token = fc.oneof(
      fc.constantFrom('from:you', 'has:code', 'p99', '"a b"', 'x:y', '-in:trash'),
      fc.string(),
    );
    fc.assert(
      fc.property(
        fc.array(token).map((all) => all.join(' ')),
        (text) => {
          const { filters, rest } = takeFilters(text, true);
          const letters = (all: string) => [...all.replace(/\s/g, '')].sort().join('');
          expect(letters(filters.join('') + rest)).toBe(letters(text));
          expect(takeFilters(rest, true).filters.length).toBeLessThanOrEqual(filters.length);
        },
      ),
    );
  });
});
