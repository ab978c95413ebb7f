const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** A size in bytes for people: `64.0 MB`. */
export function sizeText(bytes: number): string {
  if (bytes === 1) return '1 byte';
  let value = bytes;
  let unit = 0;
  while (value >= 999.95 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? String(value) : value.toFixed(1)} ${UNITS[unit] ?? ''}`;
}

/** A duration in milliseconds for people: `370 ms`, `6.1 s`, `2 min 5 s`, `3 h 12 min`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 1000) return `${String(Math.max(0, Math.round(milliseconds)))} ms`;
  if (milliseconds < 9_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${String(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return two(minutes, 'min', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return two(hours, 'h', minutes % 60, 'min');
  return two(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function two(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return `${String(large)} ${largeUnit}` + (small > 0 ? ` ${String(small)} ${smallUnit}` : '');
}

/** Milliseconds from one ISO time to another; undefined where the first is missing. */
export function between(from: string | null | undefined, to: string | null | undefined, now = Date.now()) {
  if (!from) return undefined;
  return (to ? Date.parse(to) : now) - Date.parse(from);
}
