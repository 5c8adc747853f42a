import { performance } from 'node:perf_hooks';
import type { Questions } from './questions.js';

/**
 * By how many ms a clock is ahead of this machine's clock: at least `low`, at most `high`. The server made its reply at
 * an unknown moment of the round trip.
 */
export interface Offset {
  readonly low: number;
  readonly high: number;
}

/** What several TIME commands show. */
export interface ClockFacts {
  /** One for each server; none without the right to TIME. */
  readonly offsets: readonly Offset[];
  /** The shortest of several, in ms; null: no reply came. An error is a reply as well. */
  readonly roundTrip: number | null;
}

/** A pause of either machine lengthens some round trips, but rarely all of them. */
const SAMPLES = 7;

export async function readClock(questions: Questions): Promise<ClockFacts> {
  let offsets: readonly Offset[] = [];
  let roundTrip: number | null = null;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const start = { mono: performance.now(), wall: Date.now() };
    const answer = await questions.askServers('TIME');
    const ms = performance.now() - start.mono;
    const end = Date.now();
    if (answer.error?.code === 'TIMEOUT') break;
    roundTrip = Math.min(roundTrip ?? ms, ms);
    if (answer.error) continue;
    const seen = answer.reply.map((time) => offsetOf(time, start.wall, end));
    offsets = seen.map((offset, server) => narrowed(offset, offsets[server]));
  }
  return { offsets, roundTrip };
}

function offsetOf(time: unknown, start: number, end: number): Offset {
  const [seconds, microseconds] = (time as unknown[]).map(Number);
  const ms = (seconds ?? 0) * 1000 + (microseconds ?? 0) / 1000;
  // This machine's clock has whole ms only, rounded down.
  return { low: ms - end - 1, high: ms - start };
}

/** The range that both allow. They contradict each other if a clock was set in between; then the later one is right. */
function narrowed(later: Offset, earlier: Offset = later): Offset {
  const low = Math.max(later.low, earlier.low);
  const high = Math.min(later.high, earlier.high);
  return low <= high ? { low, high } : later;
}

/** By how many ms two clocks are apart at least. */
export function gapBetween(a: Offset, b: Offset): number {
  return Math.max(0, a.low - b.high, b.low - a.high);
}

/** The likeliest offset, in ms. */
export function middleOf({ low, high }: Offset): number {
  return (low + high) / 2;
}
