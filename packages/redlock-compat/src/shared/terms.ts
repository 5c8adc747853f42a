/**
 * How an operation is tried, and how its validity is reckoned.
 * @internal
 */
export interface Terms {
  /** By which fraction of a duration clocks may drift apart over it. */
  readonly driftFactor: number;
  /** How many tries may follow the first one; -1: any number. */
  readonly retryCount: number;
  /** The pause between two tries, in ms. */
  readonly retryDelay: number;
  /** Each pause is longer or shorter at random, by this at most, in ms. */
  readonly retryJitter: number;
}

/**
 * Those of redlock 4 and of redlock 5.
 * @internal
 */
export const DEFAULT_TERMS: Terms = {
  driftFactor: 0.01,
  retryCount: 10,
  retryDelay: 200,
  retryJitter: 100,
};

/**
 * The terms that are given, completed by others. A number that is given counts, 0 too.
 * @throws TypeError for a term that is not a number
 * @internal
 */
export function termsOf<T extends Terms>(given: Partial<T> | undefined, others: T): T {
  const names = Object.keys(others) as (keyof T & string)[];
  const terms = names.map((name) => [name, numberOf(name, given?.[name] ?? others[name])]);
  return Object.fromEntries(terms) as T;
}

function numberOf(name: string, value: unknown): number {
  if (typeof value === 'number' && !Number.isNaN(value)) return value;
  throw new TypeError(`The setting ${name} must be a number, not ${String(value)}`);
}

/**
 * Whether another try may follow.
 * @internal
 */
export function mayRetry({ retryCount }: Terms, tries: number): boolean {
  return retryCount < 0 || tries <= retryCount;
}

/**
 * The pause before the next try, in ms.
 * @internal
 */
export function pauseOf({ retryDelay, retryJitter }: Terms): number {
  return Math.max(0, retryDelay + Math.floor((Math.random() * 2 - 1) * retryJitter));
}
