import { DEFAULT_TERMS, type Terms } from '../shared/terms.js';

/** Settings of a Redlock, and of single calls. */
export interface Settings {
  /** By which fraction of a duration clocks may drift apart over it. Default 0.01. */
  readonly driftFactor: number;
  /** How many attempts may follow the first one. Default 10; 0 tries once; -1 tries until it succeeds. */
  readonly retryCount: number;
  /** The pause between two attempts, in ms. Default 200. */
  readonly retryDelay: number;
  /** Each pause is longer or shorter at random, by this at most, in ms. Default 100. */
  readonly retryJitter: number;
  /** `using` extends the lock when this much of its duration is left, in ms. Default 500. */
  readonly automaticExtensionThreshold: number;
}

/** @internal */
export const DEFAULT_SETTINGS: Settings & Terms = {
  ...DEFAULT_TERMS,
  automaticExtensionThreshold: 500,
};
