import type { Attributes } from '@opentelemetry/api';
import { complain } from './harmless.js';

export type GroupFunction = (resource: string) => unknown;

/** The resource of a permit, `{seats}:permit:3`, or `seats-{1}::permit:3` if the name has a hash tag. */
const PERMIT = /^(?:\{(.*)\}|(.*):):permit:\d+$/s;

/** The groups that the user's function puts resources in. */
export class Group {
  readonly #group: GroupFunction | undefined;
  #hasComplained = false;

  constructor(group: GroupFunction | undefined) {
    this.#group = group;
  }

  /** The name of the group of a lock; undefined: it has none. */
  of([resource = '']: readonly string[]): string | undefined {
    if (!this.#group) return undefined;
    try {
      const [, plain, tagged] = PERMIT.exec(resource) ?? [];
      return this.#checked(this.#group(plain ?? tagged ?? resource));
    } catch (error) {
      this.#complain('the group function failed; metrics have no redlock.group then', error);
      return undefined;
    }
  }

  #checked(name: unknown): string | undefined {
    if (typeof name === 'string' || name === undefined) return name;
    // It may be the promise of an async function. Without a handler, its rejection would end the process.
    Promise.resolve(name).catch(() => {});
    this.#complain(`the group function must return a string or undefined, not a ${typeof name}`);
    return undefined;
  }

  /** Once: each call of a lock would complain of the same thing. */
  #complain(what: string, error?: unknown): void {
    if (this.#hasComplained) return;
    this.#hasComplained = true;
    complain(what, error);
  }
}

export function groupAttributes(group: string | undefined): Attributes {
  return group === undefined ? {} : { 'redlock.group': group };
}
