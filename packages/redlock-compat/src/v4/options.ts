/** Options of a Redlock, and of single calls. */
export interface Options {
  /** By which fraction of a ttl clocks may drift apart over it. Default 0.01. */
  driftFactor?: number;
  /** How many attempts may follow the first one. Default 10; 0 tries once; -1 tries until it succeeds. */
  retryCount?: number;
  /** The pause between two attempts, in ms. Default 200. */
  retryDelay?: number;
  /** Each pause is longer or shorter at random, by this at most, in ms. Default 100. */
  retryJitter?: number;
}

/**
 * @throws TypeError for scripts of the user's own
 * @internal
 */
export function refuseScripts(options: object | undefined): void {
  const given = ['lockScript', 'unlockScript', 'extendScript'].find(
    (name) => options && Reflect.get(options, name) !== undefined,
  );
  if (given !== undefined) {
    throw new TypeError(
      `The option ${given} cannot be used here: redlock-core has scripts of its own`,
    );
  }
}
