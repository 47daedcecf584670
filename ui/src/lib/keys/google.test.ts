import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readGoogle } from './google';

const secret = '-----BEGIN PRIVATE KEY-----\nMIIEvCANARY\n-----END PRIVATE KEY-----\n';
const account = {
  type: 'service_account',
  project_id: 'harbor-lab',
  private_key: secret,
  client_email: 'chat@harbor-lab.iam.gserviceaccount.com',
};
const login = { type: 'authorized_user', client_id: 'c', client_secret: 'CANARY', refresh_token: 'CANARY' };

describe('what was given for Google Cloud', () => {
  it.each([
    ['a service account', JSON.stringify(account, null, 2), 'serviceAccount'],
    ['a login of gcloud', JSON.stringify(login), 'login'],
    ['a token', ' ya29.a0AfCANARY ', 'token'],
    ['nothing', ' \n', 'empty'],
  ])('is known as %s, and nothing secret of it is told', (_, text, kind) => {
    const given = readGoogle(text);
    expect(given.kind).toBe(kind);
    expect(JSON.stringify(given)).not.toContain('CANARY');
  });

  it('says whose it is', () =>
    expect(readGoogle(JSON.stringify(account))).toEqual({
      kind: 'serviceAccount',
      who: account.client_email,
      project: 'harbor-lab',
    }));

  it.each([
    ['json', '{"type": "service_account"'],
    ['incomplete', JSON.stringify({ ...account, private_key: '' })],
    ['incomplete', JSON.stringify({ ...login, refresh_token: 7 })],
    ['type', JSON.stringify({ type: 'external_account' })],
    ['type', '{}'],
    ['lines', 'two words'],
  ])('is refused as %s: %s', (because, text) =>
    expect(readGoogle(text)).toMatchObject({ kind: 'wrong', because }),
  );

  it('never throws', () =>
    fc.assert(fc.property(fc.string(), fc.json(), (a, b) => void [readGoogle(a), readGoogle(b)])));
});
