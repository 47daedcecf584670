import { format } from './format';
import { many } from './words';

/** Two answers, word by word. */
export const diffEn = {
  title: 'What differs between two answers',
  first: 'First answer',
  second: 'Second answer',
  swap: 'Swap the two answers',
  text: (first: string, second: string) => `${first} and ${second}, side by side`,
  /** In a window that has room for one column. */
  one: (first: string, second: string) => `${first} and ${second} in one text`,
  onlyHere: (words: number) =>
    words === 0 ? 'no words only here' : `${format.count(words)} ${many(words, 'word', 'words')} only here`,
  struck: 'Struck through',
  underlined: 'Underlined',
  differences: (count: number) =>
    count === 0 ? 'No differences' : `${format.count(count)} ${many(count, 'difference', 'differences')}`,
  at: (at: number, of: number) => `Difference ${format.count(at)} of ${format.count(of)}`,
  next: 'Next difference',
  previous: 'Previous difference',
  /** With the key that does the same. */
  by: (name: string, key: string) => `${name} (${key})`,
  same: 'Both answers are the same, word for word.',
  byLines:
    'These answers are too long, or differ too much, to be compared word by word. Whole lines are marked.',
  uncompared: 'These answers are too long and differ too much to be compared. They only stand side by side.',
  comparing: 'Comparing',
  empty: 'This answer has no text.',
  more: (left: number) => `Show more, ${format.count(left)} ${many(left, 'line', 'lines')} to come`,
  close: 'Close',
};
