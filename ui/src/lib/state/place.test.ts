import { beforeEach, expect, test } from 'vitest';
import { placeIn, rememberPlace } from './place';

beforeEach(() => history.replaceState(null, '', '/'));

test('a page comes back to the chat it showed, in the same data folder only', () => {
  rememberPlace(false, '12');
  expect(placeIn(location.hash, false)).toBe('12');
  expect(placeIn(location.hash, true)).toBeNull();
  rememberPlace(true, '3');
  expect(placeIn(location.hash, true)).toBe('3');
  expect(placeIn(location.hash, false)).toBeNull();
  rememberPlace(false, null);
  expect(location.hash).toBe('');
});

test('what is no chat is no place', () => {
  for (const hash of ['#chat-', '#chat-x', '#chat-1/../2', '#other-1', '#chat-1 ']) {
    expect(placeIn(hash, false), hash).toBeNull();
  }
});
