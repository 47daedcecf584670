import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VendorField } from '$lib/ipc/bindings';
import { askedFields, isMade, madeAddress, piecesOf, placesIn, usualFor, usualValues } from './made';

const field = (id: string, part: Partial<VendorField> = {}): VendorField => ({
  id,
  name: id.toUpperCase(),
  help: null,
  choices: [],
  required: false,
  usual: null,
  addresses: {},
  ...part,
});

const url = 'https://{location}-api.example/projects/{project}/locations/{location}';

describe('an address made of fields', () => {
  it('follows what is typed, and names what is missing', () => {
    const pieces = piecesOf(url, [field('location'), field('project')], { location: ' eu ' });
    expect(pieces.map(({ text }) => text).join('')).toBe(
      'https://eu-api.example/projects/PROJECT/locations/eu',
    );
    expect(pieces.filter(({ filled }) => !filled).map((piece) => piece.field)).toEqual(['project']);
    expect(madeAddress(url, { location: 'eu' })).toBeNull();
    expect(madeAddress(url, { location: 'eu', project: 'p' })).toBe(
      'https://eu-api.example/projects/p/locations/eu',
    );
  });

  it('is known by its places', () => {
    expect(isMade(url)).toBe(true);
    expect(isMade('https://api.example/v1')).toBe(false);
    expect(isMade(null)).toBe(false);
    expect(placesIn(url)).toEqual(new Set(['location', 'project']));
  });

  it('has another form at some values', () => {
    const fields = [field('location', { addresses: { global: 'https://api.example/{project}' } })];
    expect(usualFor(url, fields, { location: 'global' })).toBe('https://api.example/{project}');
    expect(usualFor(url, fields, { location: 'eu' })).toBe(url);
    expect(usualFor(url, fields, { location: 'constructor' })).toBe(url);
    expect(usualFor(url, [field('location')], { location: 'global' })).toBe(url);
  });

  it('puts values in as they are and never reads them again', () =>
    fc.assert(
      fc.property(
        fc.stringMatching(/^[!-~]{1,20}$/),
        fc.stringMatching(/^[!-~]{1,20}$/),
        (location, project) =>
          void expect(madeAddress('a/{location}/b/{project}', { location, project })).toBe(
            `a/${location}/b/${project}`,
          ),
      ),
    ));
});

describe('the fields that are asked for', () => {
  const fields = [
    field('region', { usual: 'us-east-1' }),
    field('place'),
    field('needed', { required: true }),
    field('rest'),
  ];
  const ids = (keyForm: 'token' | 'signIn') =>
    askedFields({ fields, baseUrl: 'https://{place}.example', keyForm }).map(({ id }) => id);

  it('are those that are needed, usual or in the address; all where signing in comes next', () => {
    expect(ids('token')).toEqual(['region', 'place', 'needed']);
    expect(ids('signIn')).toEqual(['region', 'place', 'needed', 'rest']);
    expect(usualValues(fields)).toEqual({ region: 'us-east-1' });
  });
});
