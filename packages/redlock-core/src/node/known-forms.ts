import { NATIVE_GRANT } from '../protocol/native-grant.js';
import type { Form } from '../protocol/program.js';
import type { Connection } from './connection.js';
import type { GuardedNode } from './guarded-node.js';

/**
 * The forms of a command that the server behind the current connection has shown to know or not. The server behind a new
 * connection may be another one. A program that it has run, it knows by the digest; until then, the whole program is sent:
 * to ask first would cost a round trip.
 */
export class KnownForms {
  readonly #connection: Connection;
  readonly #forms = new Map<Form, boolean>();
  /** The number of the connection on which they were learnt. */
  #number = -1;

  readonly #hasNativeGrant: boolean;

  constructor({ cluster, subscribes }: GuardedNode, connection: Connection) {
    this.#connection = connection;
    // The native form of a grant does not tell when a holder's key expires. Whoever waits asks again by a script as soon
    // as the nodes can call. A waiter that is never called needs to know that time at once.
    this.#hasNativeGrant = !cluster && subscribes;
  }

  /** Whether a grant may be sent in its native form. */
  get mayBeNative(): boolean {
    return this.#hasNativeGrant && this.get(NATIVE_GRANT) !== false;
  }

  /** Whether the server knows a form; `undefined`: it has not shown that. */
  get(form: Form): boolean | undefined {
    return this.#number === this.#connection.number ? this.#forms.get(form) : undefined;
  }

  /** @param connection the number of the connection on which the server has shown whether it knows the form */
  set(form: Form, isKnown: boolean, connection: number): void {
    if (connection !== this.#connection.number) return;
    if (connection !== this.#number) this.#forms.clear();
    this.#number = connection;
    this.#forms.set(form, isKnown);
  }
}
