/** In place of a figure that does not exist. */
const NONE = '–';

/** The median of several values, and the outermost ones. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** What was seen of a library in a trial. */
export interface Outcome {
  readonly verdict: string;
  /** Times in ms. */
  readonly ms?: Spread;
  /** What else was seen. */
  readonly notes?: readonly string[];
}

/** One cell of a table; null if there is no such figure. */
export type Figure = number | string | Spread | Outcome | null;

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

/** As `12.3`, `12.3 (11.9–12.8)`, `gets it; 12 ms`, or a dash. */
export function showFigure(figure: Figure, digits = 0): string {
  if (figure === null) return NONE;
  if (typeof figure === 'string') return figure;
  if (typeof figure === 'number') return showNumber(figure, digits);
  if ('verdict' in figure) return showOutcome(figure);
  return showSpread(figure, (value) => showNumber(value, digits));
}

/** In JSON, null is what is no number. */
export function showNumber(value: number | null, digits: number): string {
  if (value === null || Number.isNaN(value)) return NONE;
  return value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** A time in ms with three significant digits at most, and its range if there is one. */
export function showTimes(times: Spread): string {
  const text =
    times.min === times.max
      ? showTime(times.median)
      : showSpread(times, (value) => showTime(value));
  return `${text} ms`;
}

function showTime(ms: number): string {
  return showNumber(ms, ms < 1 ? 2 : ms < 10 ? 1 : 0);
}

function showSpread({ median, min, max }: Spread, show: (value: number) => string): string {
  return `${show(median)} (${show(min)}–${show(max)})`;
}

function showOutcome({ verdict, ms, notes = [] }: Outcome): string {
  return [verdict, ...(ms ? [showTimes(ms)] : []), ...notes].join('; ');
}
