/** The steps of the zoom, as in browsers; the store takes 0.5 to 2. */
export const ZOOMS = [0.5, 0.67, 0.75, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2] as const;

/** Nearer than this is the same step: what is stored comes back as a float. */
const SAME = 0.005;

/** The next step up or down; the same where there is none. */
export function zoomStep(zoom: number, by: 1 | -1): number {
  const further =
    by > 0 ? ZOOMS.find((step) => step > zoom + SAME) : ZOOMS.findLast((step) => step < zoom - SAME);
  return further ?? zoom;
}
