import { UsageError } from './usage-error.js';

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/;
const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/**
 * Reads a duration as `500ms`, `10s`, `5m`, `1h`, or a number of seconds.
 * @param option its name, for the message
 * @returns whole ms
 * @throws UsageError if the text is no duration
 */
export function durationOf(text: string, option: string): number {
  const [, amount, unit = 's'] = DURATION.exec(text) ?? [];
  const ms = Math.round(Number(amount) * UNITS[unit as keyof typeof UNITS]);
  if (Number.isSafeInteger(ms)) return ms;
  throw new UsageError(
    `${option} ${JSON.stringify(text)} is no duration: write 500ms, 10s, 5m, 1h, or a number of seconds`,
  );
}
