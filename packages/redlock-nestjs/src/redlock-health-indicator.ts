import { Inject, Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { RedlockError } from 'redlock-core';
import { getRedlockToken } from './redlock-token.js';

/** What a health check shows of a Redlock. */
export interface RedlockHealth {
  readonly status: 'up' | 'down';
  /** Of `down`: the code of the error, `QUORUM_UNAVAILABLE` or `CLOSED`. */
  readonly reason?: string;
  /** Of `down`, by name of the node: `up`, or the code of its failure, such as `ECONNREFUSED` or `TIMEOUT`. */
  readonly nodes?: Readonly<Record<string, string>>;
}

/** What a health check locks. */
export interface RedlockHealthOptions {
  /** The name of the Redlock, if the application has several. */
  readonly redlock?: string | undefined;
  /** Default `redlock:health`. Change it if the users of the servers have rights for certain keys only. */
  readonly resource?: string | undefined;
}

/** In ms, for an instance that dies during a check. A longer one would make quarantines longer. */
const TTL = 5000;

/**
 * A health indicator for `@nestjs/terminus` 10 and 11: whether a quorum of nodes grants locks. {@link RedlockModule}
 * provides it.
 * @example
 * ```ts
 * @Controller('health')
 * class HealthController {
 *   constructor(
 *     private readonly health: HealthCheckService,
 *     private readonly redlock: RedlockHealthIndicator,
 *   ) {}
 *
 *   @Get()
 *   @HealthCheck()
 *   check() {
 *     return this.health.check([() => this.redlock.isHealthy('redlock')]);
 *   }
 * }
 * ```
 */
export class RedlockHealthIndicator {
  readonly #modules: ModuleRef;

  constructor(modules: ModuleRef) {
    this.#modules = modules;
  }

  /**
   * Locks a resource in shared mode, and releases it. Only a lock shows that the nodes accept writes and are not in
   * quarantine. If nodes do not answer, it takes about their timeout, by default 250 ms.
   * @param key under which the result is shown
   * @throws an error that terminus shows as `down`, if too many nodes fail or the Redlock is closed
   */
  async isHealthy<K extends string>(
    key: K,
    { redlock: name, resource = 'redlock:health' }: RedlockHealthOptions = {},
  ): Promise<Record<K, RedlockHealth>> {
    const redlock = this.#modules.get(getRedlockToken(name), { strict: false });
    try {
      const lock = await redlock.tryAcquire(resource, TTL, { mode: 'shared' });
      await lock?.release();
    } catch (error) {
      throw RedlockError.is(error) ? new HealthCheckError(key, error) : error;
    }
    return { [key]: { status: 'up' } } as Record<K, RedlockHealth>;
  }
}

/** Has the members by which terminus 10 and 11 recognize a failed check. To 10, every result that is returned is `up`. */
class HealthCheckError extends Error {
  readonly isHealthCheckError = true;
  readonly causes: Readonly<Record<string, RedlockHealth>>;

  constructor(key: string, { message, code: reason, votes }: RedlockError) {
    super(message);
    const nodes = Object.fromEntries(votes.map(({ node, error }) => [node, error?.code ?? 'up']));
    this.causes = { [key]: { status: 'down', reason, nodes } };
  }
}

// As decorators would: this package is compiled without them.
Injectable()(RedlockHealthIndicator);
Inject(ModuleRef)(RedlockHealthIndicator, undefined, 0);
