/** What every adapter takes. */
export interface NodeOptions {
  /**
   * Shown in votes, errors and events; unique within a Redlock. Default: host:port of the client, or what
   * kind of deployment it is for.
   */
  name?: string | undefined;
  /** How long one command to this node may take, in ms. Wins over `nodeTimeout`. */
  timeout?: number | undefined;
}

/**
 * The options that a factory is given.
 * @param given a number where the factory itself is given to `map`, which passes the position next: none
 */
export function nodeOptionsOf(given: NodeOptions | number | undefined): NodeOptions {
  if (given === undefined || typeof given === 'number') return {};
  if (typeof given === 'object' && given !== null) return given;
  throw new TypeError('The options of a node must be an object, as in { name, timeout }');
}
