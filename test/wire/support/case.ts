import type { Subject } from './subject.js';

/** One case of the table: what a server does with a few requests. `run` throws if the server does anything else. */
export interface Case {
  readonly name: string;
  readonly run: (on: Subject) => Promise<void>;
}

/** Names a case as a test, which it becomes on each kind of server. */
export function test(name: string, run: (on: Subject) => Promise<void>): Case {
  return { name, run };
}
