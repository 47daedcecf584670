import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyAws, missingAws, readAws, valueOfAws, valueOfVariable, type AwsDraft } from './aws';

const id = 'AKIAIOSFODNN7EXAMPLE';
const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const token = 'IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJ=';
const pair: AwsDraft = { ...emptyAws(), way: 'pair', id, secret };

describe('what is sent to open Bedrock', () => {
  it.each<[string, AwsDraft, unknown]>([
    ['a pair', pair, { accessKeyId: id, secretAccessKey: secret }],
    [
      'a pair for a while',
      { ...pair, token },
      { accessKeyId: id, secretAccessKey: secret, sessionToken: token },
    ],
    ['a profile', { ...emptyAws(), way: 'profile', profile: ' work ' }, { profile: 'work' }],
    ['the environment', { ...pair, way: 'environment' }, { environment: true }],
  ])('is JSON for %s', (_, draft, sent) => {
    const { text, secret: kept } = valueOfAws(draft);
    expect(JSON.parse(text)).toEqual(sent);
    expect(kept).toBe(draft.way === 'pair');
  });

  it('is the key as it stands for an API key', () =>
    expect(valueOfAws({ ...pair, way: 'key', key: ' ABSKexample ' })).toEqual({
      text: 'ABSKexample',
      secret: true,
    }));

  it('is the environment for a variable that is no key by itself', () => {
    expect(valueOfVariable('AWS_BEARER_TOKEN_BEDROCK')).toBeNull();
    expect(valueOfVariable('AWS_ACCESS_KEY_ID')).toBe('{"environment":true}');
  });

  it('lacks only what the chosen way needs', () => {
    expect(missingAws(emptyAws())).toEqual(['key']);
    expect(missingAws({ ...emptyAws(), way: 'pair', id: ' ' })).toEqual(['id', 'secret']);
    expect(missingAws({ ...emptyAws(), way: 'profile' })).toEqual(['profile']);
    expect(missingAws({ ...emptyAws(), way: 'environment' })).toEqual([]);
    expect(missingAws(pair)).toEqual([]);
  });
});

describe('a block that AWS gives to copy', () => {
  it.each([
    ['lines for a shell', `export AWS_ACCESS_KEY_ID="${id}"\nexport AWS_SECRET_ACCESS_KEY="${secret}"`],
    ['lines for Windows', `SET AWS_ACCESS_KEY_ID=${id}\r\nSET AWS_SECRET_ACCESS_KEY=${secret}\r\n`],
    ['lines for PowerShell', `$Env:AWS_ACCESS_KEY_ID="${id}"\n$Env:AWS_SECRET_ACCESS_KEY="${secret}"`],
    ['the credentials file', `[work]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`],
    ['what aws prints', JSON.stringify({ Version: 1, AccessKeyId: id, SecretAccessKey: secret })],
  ])('is taken apart as %s', (_, text) => expect(readAws(text)).toEqual(pair));

  it('keeps the session token', () => {
    const lines = `export AWS_ACCESS_KEY_ID=${id}\nexport AWS_SECRET_ACCESS_KEY=${secret}\nexport AWS_SESSION_TOKEN=${token}`;
    expect(readAws(lines)).toEqual({ ...pair, token });
    const printed = { Credentials: { AccessKeyId: id, SecretAccessKey: secret, SessionToken: token } };
    expect(readAws(JSON.stringify(printed))).toEqual({ ...pair, token });
  });

  it('may be a key or a profile alone', () => {
    expect(readAws('AWS_BEARER_TOKEN_BEDROCK=ABSKexample')).toMatchObject({ way: 'key', key: 'ABSKexample' });
    expect(readAws('export AWS_PROFILE=work')).toMatchObject({ way: 'profile', profile: 'work' });
  });

  it.each(['', 'ABSKexample', id, `${id}\n${secret}`, 'A=B', '{"AccessKeyId":7}', '{', 'null'])(
    'is not %j',
    (text) => expect(readAws(text)).toBeNull(),
  );

  it('is no book', () => expect(readAws(`export AWS_PROFILE=work\n${' '.repeat(70_000)}`)).toBeNull());

  it('comes back whole whatever the secret is', () =>
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Z0-9]{16,32}$/),
        fc.stringMatching(/^[A-Za-z0-9/+=]{20,60}$/),
        fc.constantFrom('export ', 'set ', '$env:', ''),
        (anId, aSecret, before) => {
          const text = `${before}AWS_ACCESS_KEY_ID=${anId}\n${before}AWS_SECRET_ACCESS_KEY=${aSecret}`;
          expect(readAws(text)).toEqual({ ...emptyAws(), way: 'pair', id: anId, secret: aSecret });
        },
      ),
    ));

  it('never throws', () =>
    fc.assert(
      fc.property(fc.string(), fc.json(), (a, b) => void [readAws(a), readAws(b), readAws(`{${a}`)]),
    ));
});
