/**
 * Numbers and dates of one form each. To make a formatter takes a hundred times what one number takes it, and
 * `toLocaleString` makes one each time: on a screen full of figures that is most of the time to its first paint.
 */
const numbers = new Map<string, Intl.NumberFormat>();
const dates = new Map<string, Intl.DateTimeFormat>();

export function number(value: number, options: Intl.NumberFormatOptions = {}): string {
  const key = JSON.stringify(options);
  let made = numbers.get(key);
  if (!made) numbers.set(key, (made = new Intl.NumberFormat('en-US', options)));
  return made.format(value);
}

/** Without a zone among the options it is the computer's, also where that has changed since the last time. */
export function date(value: Date, options: Intl.DateTimeFormatOptions): string {
  const key = JSON.stringify(options) + (options.timeZone ?? value.getTimezoneOffset());
  let made = dates.get(key);
  if (!made) dates.set(key, (made = new Intl.DateTimeFormat('en-GB', options)));
  return made.format(value);
}
