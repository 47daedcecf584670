import { ticks } from 'd3-array';
import type { LeaderRow } from '$lib/ipc/bindings';

/** Where the strength of a model lies on the line, in hundredths of its width. */
export type Bar = {
  at: number;
  low: number;
  high: number;
  /** The interval goes on beyond the drawing. */
  openLow: boolean;
  openHigh: boolean;
  /** So little is known that the point says hardly anything. */
  unsure: boolean;
};

export type Scale = {
  /** As good as the average. */
  average: number;
  ticks: { value: number; at: number }[];
  barOf: (row: Pick<LeaderRow, 'points' | 'low' | 'high'>) => Bar;
};

const AVERAGE = 1000;
/** An interval is drawn that far beyond the last point: a model judged once would flatten all others. */
const BEYOND = 300;
/** Points between the ends of an interval that is more guess than knowledge: from one win in ten to nine. */
const WIDE = 760;
/** Pixels between two numbers of the axis, at least. */
const APART = 48;

/** One scale for all rows, from the least to the greatest that is drawn, on a line of so many pixels. */
export function scaleOf(rows: readonly Pick<LeaderRow, 'points' | 'low' | 'high'>[], width: number): Scale {
  const points = rows.map((row) => row.points);
  const least = Math.min(AVERAGE, ...points);
  const most = Math.max(AVERAGE, ...points);
  const from = Math.max(least - BEYOND, Math.min(least, ...rows.map(({ low }) => low)));
  const to = Math.min(most + BEYOND, Math.max(most, ...rows.map(({ high }) => high)));
  // Half a dot stays free at both ends.
  const margin = Math.max(1, (to - from) * 0.04);
  const begin = from - margin;
  const span = to - from + 2 * margin;
  const place = (value: number) => Math.min(100, Math.max(0, ((value - begin) * 100) / span));
  const end = begin + span;
  return {
    average: place(AVERAGE),
    ticks: spaced(from, to, (width / APART) * ((to - from) / span)).map((value) => ({
      value,
      at: place(value),
    })),
    barOf: ({ points: at, low, high }) => ({
      at: place(at),
      low: place(low),
      high: place(high),
      openLow: low < begin,
      openHigh: high > end,
      unsure: high - low > WIDE,
    }),
  };
}

/** Round values, no more than there is room for. */
function spaced(from: number, to: number, most: number): number[] {
  for (let count = Math.floor(most); count > 1; count -= 1) {
    const values = ticks(from, to, count);
    // As many as asked for is a wish: it may give half as many again.
    if (values.length <= most) return values;
  }
  return [AVERAGE];
}
