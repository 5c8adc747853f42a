/** In place of a figure that does not exist. */
export const NONE = '–';

/** The median of several rounds, and the outermost values. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = medianOf(sorted);
  const median =
    sorted.length % 2 === 1 ? upper : (upper + (sorted[sorted.length / 2 - 1] ?? NaN)) / 2;
  return { median, min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** The middle value; of an even number, the upper one of the two in the middle. */
export function medianOf(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** `12.3 (11.9–12.8)` */
export function showSpread({ median, min, max }: Spread, digits: number): string {
  return `${show(median, digits)} (${show(min, digits)}–${show(max, digits)})`;
}

/** A dash for null. */
export function show(value: number | null, digits: number): string {
  if (value === null) return NONE;
  return value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

export function showShare(share: number, digits: number): string {
  return `${show(share * 100, digits)} %`;
}
