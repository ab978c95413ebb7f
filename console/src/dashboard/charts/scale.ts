/** A round number that is not less than `largest`, for the top of an axis. */
function niceTop(largest: number): number {
  if (largest <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(largest));
  const step = [1, 2, 2.5, 5, 10].find((each) => each * power >= largest) ?? 10;
  return step * power;
}

/** The same for whole things, whose half is whole, too, so that the axis has no half jobs. */
export function wholeTop(largest: number): number {
  return Math.max(2, 2 * Math.ceil(niceTop(largest) / 2));
}

/** The same for sizes: less than a kilobyte is not divided. */
export function bytesTop(largest: number): number {
  return niceTop(Math.max(largest, 1000));
}

/** The same for seconds, whose half is a time that people say: no "1 min 40 s". */
export function secondsTop(largest: number): number {
  return TIMES.find((each) => each >= largest) ?? 86_400 * 2 * Math.ceil(largest / 86_400 / 2);
}

const TIMES = [
  0.1, 0.2, 0.5, 1, 2, 4, 10, 20, 40, 60, 120, 240, 600, 1200, 3600, 7200, 14_400, 43_200, 86_400, 172_800,
];

/** Every how manieth of `count` labels fits into a width. */
export function labelEvery(count: number, width: number, labelWidth: number): number {
  const fits = Math.max(1, Math.floor(width / labelWidth));
  return Math.max(1, Math.ceil(count / fits));
}
