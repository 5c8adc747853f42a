import type { Plan } from '../plan/plan.js';

export interface Violation {
  readonly oracle: string;
  readonly time: number;
  readonly what: string;
}

export interface Line {
  readonly time: number;
  readonly who: string;
  readonly what: string;
}

/** What became of a run. */
export interface Report {
  readonly seed: number;
  readonly violation: Violation | null;
  readonly digest: string;
  readonly plan: Plan;
  /** None, unless the run was to be told. */
  readonly lines: readonly Line[];
}

/** A run as text, line by line. */
export function tellStory({ seed, violation, plan, lines }: Report): string {
  const { fenced, ...rest } = plan;
  return [
    `seed ${seed}: ${JSON.stringify({ ...rest, fenced: [...fenced] })}`,
    ...lines.map(({ time, who, what }) => `${at(time)}  ${who.padEnd(4)} ${what}`),
    violation
      ? `${at(violation.time)}  VIOLATION of ${violation.oracle}: ${violation.what}`
      : 'No promise was broken.',
  ].join('\n');
}

function at(time: number): string {
  return time.toFixed(3).padStart(12);
}
