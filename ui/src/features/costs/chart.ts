import { ticks } from 'd3-array';
import { scaleBand } from 'd3-scale';
import { stack } from 'd3-shape';
import type { CostDashboard, CostGroup, CostKey, CostPoint, CostSeries, Mark } from '$lib/ipc/bindings';

/** How a series is told from its neighbours beside its colour. */
export const textures = [
  'solid',
  'hatch',
  'dots',
  'cross',
  'rows',
  'back',
  'grid',
  'sparse',
  'open',
] as const;
export type Texture = (typeof textures)[number];

export type Unit = 'money' | 'tokens';

/** A series as it is drawn. */
export type Look = { mark: Mark | null; category: string | null; hue: string; texture: Texture };

/** A part of a bar, from the ground up. */
export type Part = { series: number; value: number; guessed: number; y: number; height: number };

export type Column = {
  bucket: string;
  at: number;
  x: number;
  width: number;
  sum: number;
  guessed: number;
  entries: number;
  parts: Part[];
  /** What it may come to; only days to come. */
  projected: { value: number; y: number; height: number } | null;
};

/** The sum of a bar, where no other bar is in its way; a line leads down to its bar where it stands higher. */
export type Label = { x: number; y: number; anchor: 'start' | 'middle' | 'end'; leader: boolean };

export type Tick = { value: number; y: number };

export type Drawing = {
  width: number;
  height: number;
  left: number;
  ground: number;
  columns: Column[];
  ticks: Tick[];
  /** Which columns have their name below. */
  named: number[];
  pace: number | null;
};

/** The hues in the order of the design, for groups that belong to no one vendor. */
const HUES = ['clay', 'sky', 'gold', 'jade', 'plum', 'rose', 'olive', 'graphite'];

/** Whose tile a key has. */
export type MarkOf = (key: CostKey, group: CostGroup) => { mark: Mark; category: string | null } | null;

/**
 * The colours and textures of series. Those of a vendor have its hue; a second holder of a hue is hatched, a third
 * dotted and so on. Where colours cannot be seen, every one has a texture of its own.
 */
export function looksOf(
  series: readonly CostSeries[],
  group: CostGroup,
  markOf: MarkOf,
  plain: boolean,
): Look[] {
  const held = new Map<string, number>();
  return series.map(({ key }, at): Look => {
    const tile = key === null ? null : markOf(key, group);
    const hue = key === null ? 'graphite' : (tile?.mark.hue ?? HUES[at % HUES.length] ?? 'graphite');
    // A hatched mark is the second holder of its hue, also where the first is not there.
    const taken = Math.max(held.get(hue) ?? 0, tile?.mark.hatched || key === null ? 1 : 0);
    held.set(hue, taken + 1);
    const texture = textures[(plain ? at : taken) % textures.length] ?? 'solid';
    return { mark: tile?.mark ?? null, category: tile?.category ?? null, hue, texture };
  });
}

/**
 * Series as they lie on each other: those of vendors in the order of the hues, which keeps neighbours apart, the
 * larger first where they share one; all others as they came, the largest first. The rest is last.
 */
export function inOrder(series: readonly CostSeries[], group: CostGroup, markOf: MarkOf): CostSeries[] {
  const place = ({ key }: CostSeries) => {
    const hue = key === null ? undefined : markOf(key, group)?.mark.hue;
    return key === null ? HUES.length + 1 : hue === undefined ? HUES.length : HUES.indexOf(hue);
  };
  return [...series].sort((one, other) => place(one) - place(other));
}

export const valueOf = (point: CostPoint, unit: Unit) =>
  unit === 'money' ? point.totalNano : point.input + point.output;

export const totalOf = ({ totals }: CostSeries, unit: Unit) =>
  unit === 'money' ? totals.totalNano : totals.input + totals.output;

/** What is not the vendor's own figure, of a sum over a group. */
export const guessedOf = ({ totals: { totalNano, reportedNano } }: Pick<CostSeries, 'totals'>) =>
  totalNano - reportedNano;

export type Size = { width: number; height: number };

const LEFT = 46;
const TOP = 24;
const BELOW = 24;
const WIDEST = 56;
/** Between two parts of a bar, in px. */
const GAP = 1;
const LEAST = 0.6;
const NAME_WIDTH = 30;
/** About how many steps the values have. */
const TICKS = 4;

/** Where everything lies. Without anything to show the ground is drawn alone. */
export function drawingOf(
  dashboard: Pick<CostDashboard, 'buckets' | 'series' | 'projection' | 'today' | 'grain'>,
  unit: Unit,
  size: Size,
  pacePerDay: number | null,
): Drawing {
  const { buckets, series } = dashboard;
  const points = series.map((one) => new Map(one.points.map((point) => [point.bucket, point])));
  const rows = buckets.map((_, at) =>
    Object.fromEntries(points.map((of, nth) => [String(nth), valueAt(of.get(at), unit)])),
  );
  const layers = stack<Record<string, number>>().keys(series.map((_, nth) => String(nth)))(rows);
  const coming = projectedOf(dashboard, unit);
  const sums = rows.map((row) => Object.values(row).reduce((sum, value) => sum + value, 0));
  const most = Math.max(...sums, ...coming.map(({ value }) => value), pacePerDay ?? 0);
  const ground = size.height - BELOW;
  const end = most > 0 ? most * 1.04 : 1;
  // No scale of d3 for values: each brings code along that does not load where the shell has frozen prototypes.
  const y = (value: number) => ground - (value / end) * (ground - TOP);
  const x = scaleBand<number>()
    .domain(buckets.map((_, at) => at))
    .range([LEFT, size.width])
    .paddingInner(0.22)
    .paddingOuter(0.12);
  const width = Math.min(WIDEST, x.bandwidth());
  const shift = (x.bandwidth() - width) / 2;
  const columns = buckets.map((bucket, at): Column => {
    const of = points.map((one) => one.get(at));
    const after = coming.find((one) => one.bucket === bucket);
    return {
      bucket,
      at,
      x: (x(at) ?? LEFT) + shift,
      width,
      sum: sums[at] ?? 0,
      guessed: of.reduce((sum, point) => sum + (point?.guessedNano ?? 0), 0),
      entries: of.reduce((sum, point) => sum + (point?.entries ?? 0), 0),
      parts: layers.flatMap((layer, nth): Part[] => {
        const [from = 0, to = 0] = layer[at] ?? [];
        const point = of[nth];
        if (!point || to <= from) return [];
        const top = y(to);
        return [
          {
            series: nth,
            value: to - from,
            guessed: point.guessedNano,
            y: top,
            height: Math.max(LEAST, y(from) - top - GAP),
          },
        ];
      }),
      projected: after
        ? { value: after.value, y: y(after.value), height: Math.max(0, ground - y(after.value)) }
        : null,
    };
  });
  return {
    width: size.width,
    height: size.height,
    left: LEFT,
    ground,
    columns,
    ticks: (most > 0 ? ticks(0, end, TICKS).filter(Number.isInteger) : [0]).map((value) => ({
      value,
      y: y(value),
    })),
    named: namedOf(buckets, x.step()),
    pace: pacePerDay === null || most <= 0 ? null : y(pacePerDay),
  };
}

/** Of a letter of a label, in px: a guess on the safe side. */
const LETTER = 7;
const LABEL_HEIGHT = 14;
const LABEL_GAP = 6;

const topOf = ({ parts, projected }: Column, ground: number) =>
  Math.min(parts.at(-1)?.y ?? ground, projected?.y ?? ground);

/** Where the sum of a column stands: to the side on which the bars are lowest, above all that it lies over. */
export function labelOf(drawing: Drawing, column: Column, text: string, paceText: string | null): Label {
  const { columns, ground, width, left, pace } = drawing;
  const wide = text.length * LETTER;
  const own = topOf(column, ground);
  const middle = column.x + column.width / 2;
  const places = [
    { anchor: 'start' as const, x: column.x, from: column.x },
    { anchor: 'middle' as const, x: middle, from: middle - wide / 2 },
    { anchor: 'end' as const, x: column.x + column.width, from: column.x + column.width - wide },
  ];
  const [best] = places
    .filter(({ from }) => from >= left - LABEL_GAP && from + wide <= width)
    .map(({ anchor, x, from }) => {
      const under = columns.filter((one) => one.x < from + wide + 2 && one.x + one.width > from - 2);
      let y = Math.min(own, ...under.map((one) => topOf(one, ground))) - LABEL_GAP;
      // The words of the pace stand at the right, over its line.
      const paced = pace !== null && paceText !== null && from + wide > width - paceText.length * LETTER;
      if (paced && y > pace - 2 * LABEL_HEIGHT && y < pace + LABEL_HEIGHT) y = pace - 2 * LABEL_HEIGHT + 6;
      return { x, y: Math.max(LABEL_HEIGHT - 3, y), anchor, leader: own - y > 2 * LABEL_GAP };
    })
    .sort((one, other) => other.y - one.y);
  return best ?? { x: middle, y: own - LABEL_GAP, anchor: 'middle', leader: false };
}

const valueAt = (point: CostPoint | undefined, unit: Unit) => (point ? Math.max(0, valueOf(point, unit)) : 0);

/** Days to come with what they may cost. Tokens are not projected. */
function projectedOf(
  { buckets, projection, today }: Pick<CostDashboard, 'buckets' | 'projection' | 'today'>,
  unit: Unit,
): { bucket: string; value: number }[] {
  if (projection === null || unit === 'tokens') return [];
  const after = buckets.filter((bucket) => bucket > today);
  return projection.days.flatMap((value, at) => {
    const bucket = after[at];
    return bucket === undefined ? [] : [{ bucket, value }];
  });
}

/** As many names as have room: the first of a month, each fifth day, or every so many. */
function namedOf(buckets: readonly string[], step: number): number[] {
  const room = Math.max(1, Math.ceil(NAME_WIDTH / step));
  const all = buckets.map((_, at) => at);
  // Of months January is named, which carries the year.
  const january = Math.max(
    0,
    buckets.findIndex((bucket) => bucket.endsWith('-01')),
  );
  if (buckets[0]?.length === 7) return all.filter((at) => (at - january) % room === 0);
  const wholeMonth = buckets.length >= 28 && buckets.length <= 31 && buckets[0]?.endsWith('-01');
  if (!wholeMonth || room > 5) return all.filter((at) => at % room === 0);
  return all.filter((at) => at === 0 || (at + 1) % 5 === 0);
}
