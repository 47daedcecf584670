import { describe, expect, it } from 'vitest';
import { disguises, readAddress } from './address';

describe('an address', () => {
  it.each([
    ['https://example.org/a?b#c', 'example.org'],
    ['HTTP://Example.ORG:8080/', 'example.org:8080'],
    ['mailto:ada@example.org', 'ada@example.org'],
    ['https://b\u00FCcher.example/', 'xn--bcher-kva.example'],
  ])('opens: %s', (url, host) => expect(readAddress(url)).toMatchObject({ opens: true, host }));

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' javascript:alert(1)',
    ' https://example.org',
    'java\nscript:alert(1)',
    'https://exa\u200Bmple.org',
    'https://example.org/\u202Egpj.exe',
    'https://example.org\\@evil.example',
    'data:text/html,x',
    'file:///etc/passwd',
    'smb://host/share',
    '\\\\host\\share',
    '//example.org/a',
    'vscode://x',
    'ms-settings:x',
    'https://',
    'https:///',
    'http:example.org',
    'mailto:',
    '',
  ])('does not open: %j', (url) => expect(readAddress(url).opens).toBe(false));

  it.each([
    ['bank.example', 'https://evil.example/', true],
    ['https://bank.example/login', 'https://evil.example/', true],
    ['See www.bank.example', 'https://bank.example.evil.example/', true],
    ['words', 'https://user:pw@evil.example/', true],
    ['\u043F\u0440\u0438\u043C\u0435\u0440', 'https://xn--e1afmkfd.example/', true],
    ['bank.example', 'https://bank.example/login', false],
    ['www.bank.example', 'https://bank.example/', false],
    ['bank.example', 'https://login.bank.example/', false],
    ['the docs', 'https://example.org/', false],
    ['index.js', 'https://example.org/index.js', false],
    ['ada@example.org', 'mailto:ada@example.org', false],
  ])('%j to %s is a disguise: %s', (words, url, expected) =>
    expect(disguises(words, readAddress(url))).toBe(expected),
  );
});
