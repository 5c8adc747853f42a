import { requireKnown } from '../settings/argument.js';

/** The options that every adapter takes. */
export interface NodeOptions {
  /**
   * The node's name in votes, errors and events; unique within a Redlock. Default: host:port of the client or the path of
   * its socket; of a Cluster or a Sentinel group, the group's name or what kind of deployment it is.
   */
  name?: string | undefined;
  /** How long one command to this node may take, in ms. Wins over `nodeTimeout`. */
  timeout?: number | undefined;
}

/** @internal */
export const NODE_OPTIONS: ReadonlySet<string> = new Set(['name', 'timeout']);

/**
 * Checks the options that a factory is given.
 * @param own names of the options that this adapter has besides
 * @throws TypeError for any other option
 */
export function nodeOptionsOf<Options extends NodeOptions>(
  given: Options | undefined,
  own: readonly (keyof Options & string)[] = [],
): Partial<Options> {
  if (given === undefined) return {};
  if (typeof given !== 'object' || given === null) {
    const isPosition = typeof given === 'number';
    const hint = isPosition ? '. In map, write (client) => factory(client), without the index' : '';
    throw new TypeError(`The options of a node must be an object, as in { name, timeout }${hint}`);
  }
  requireKnown(given, own.length > 0 ? new Set([...NODE_OPTIONS, ...own]) : NODE_OPTIONS);
  return given;
}

/**
 * Names what a factory was given instead of a client, for the error that says so. Does not show a text, which may be a
 * URL with a password.
 */
export function kindOf(given: unknown): string {
  if (given === null || given === undefined) return String(given);
  if (typeof given !== 'object') return `a ${typeof given}`;
  if (given instanceof Promise) return 'a promise, which must be awaited first';
  if ('onReady' in given) return 'a node already, which new Redlock takes as it is';
  return `an object of class ${Object(given.constructor).name}`;
}
