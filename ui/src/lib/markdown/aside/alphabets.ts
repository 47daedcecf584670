/** Where the letters A, a and the digit 0 of a mathematical alphabet begin; 0 where it has none. */
const starts: Record<string, [upper: number, lower: number, digit: number]> = {
  bold: [0x1d400, 0x1d41a, 0x1d7ce],
  italic: [0x1d434, 0x1d44e, 0],
  'bold-italic': [0x1d468, 0x1d482, 0x1d7ce],
  script: [0x1d49c, 0x1d4b6, 0],
  'bold-script': [0x1d4d0, 0x1d4ea, 0],
  fraktur: [0x1d504, 0x1d51e, 0],
  'double-struck': [0x1d538, 0x1d552, 0x1d7d8],
  'bold-fraktur': [0x1d56c, 0x1d586, 0],
  'sans-serif': [0x1d5a0, 0x1d5ba, 0x1d7e2],
  'bold-sans-serif': [0x1d5d4, 0x1d5ee, 0x1d7ec],
  'sans-serif-italic': [0x1d608, 0x1d622, 0x1d7e2],
  'sans-serif-bold-italic': [0x1d63c, 0x1d656, 0x1d7ec],
  monospace: [0x1d670, 0x1d68a, 0x1d7f6],
};

/** Letters that Unicode had before it had the alphabets. */
const older: Record<number, number> = {
  0x1d455: 0x210e,
  0x1d49d: 0x212c,
  0x1d4a0: 0x2130,
  0x1d4a1: 0x2131,
  0x1d4a3: 0x210b,
  0x1d4a4: 0x2110,
  0x1d4a7: 0x2112,
  0x1d4a8: 0x2133,
  0x1d4ad: 0x211b,
  0x1d4ba: 0x212f,
  0x1d4bc: 0x210a,
  0x1d4c4: 0x2134,
  0x1d506: 0x212d,
  0x1d50b: 0x210c,
  0x1d50c: 0x2111,
  0x1d515: 0x211c,
  0x1d51d: 0x2128,
  0x1d53a: 0x2102,
  0x1d53f: 0x210d,
  0x1d545: 0x2115,
  0x1d547: 0x2119,
  0x1d548: 0x211a,
  0x1d549: 0x211d,
  0x1d551: 0x2124,
};

/** Letters of a text in a mathematical alphabet; what the alphabet does not have stays. */
export function inAlphabet(text: string, alphabet: string): string {
  const start = Object.hasOwn(starts, alphabet) ? starts[alphabet] : undefined;
  if (!start) return text;
  const [upper, lower, digit] = start;
  const place = (from: number, offset: number) =>
    from === 0 ? undefined : String.fromCodePoint(older[from + offset] ?? from + offset);
  return text.replace(/[A-Za-z0-9]/g, (letter) => {
    const code = letter.charCodeAt(0);
    if (code >= 97) return place(lower, code - 97) ?? letter;
    return (code >= 65 ? place(upper, code - 65) : place(digit, code - 48)) ?? letter;
  });
}
