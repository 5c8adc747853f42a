import { describeError } from '../protocol/errors.js';
import type { ErrorData } from '../vote.js';

/**
 * Why a client is not connected, as far as it has said. It is kept as plain data, because errors of clients carry the
 * commands that have failed, and so passwords.
 */
export class LastError {
  readonly #vague: string | undefined;
  #value: ErrorData | undefined;
  /** Whether the error comes from a connection before the present one. */
  #isOld = true;

  /** @param vague the message with which the client ends a connection whose reason to fail it has told before */
  constructor(vague?: string) {
    this.#vague = vague;
  }

  get value(): ErrorData | undefined {
    return this.#value;
  }

  saw(error: unknown): void {
    const value = describeError(error);
    if (value.message === this.#vague && this.#value && !this.#isOld) return;
    this.#value = value;
    this.#isOld = false;
  }

  /** Another connection is being made, so a vague message may replace the error. */
  connecting(): void {
    this.#isOld = true;
  }

  connected(): void {
    this.#value = undefined;
  }
}
