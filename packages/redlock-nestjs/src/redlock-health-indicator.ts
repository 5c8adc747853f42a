import { Inject, Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { RedlockError } from 'redlock-core';
import { getRedlockToken } from './redlock-token.js';

/** What a health check shows of a Redlock. */
export type RedlockHealth = {
  readonly status: 'up' | 'down';
  /** By name, `up` or the code of the failure, such as `ECONNREFUSED` or `TIMEOUT`. Absent once the Redlock is closed. */
  readonly nodes?: Readonly<Record<string, string>>;
  /** Why it is down, if no node was asked: `CLOSED`. */
  readonly reason?: string;
};

/** What a health check asks. */
export interface RedlockHealthOptions {
  /** The name of the Redlock, if the application has several. */
  readonly redlock?: string | undefined;
  /**
   * The resource that the nodes are asked for. Default `redlock:health`. It is only read. Change it if the users of the
   * servers have rights for certain keys only.
   */
  readonly resource?: string | undefined;
}

/**
 * A health indicator for `@nestjs/terminus` 10 and 11: whether a quorum of nodes answers. {@link RedlockModule} provides
 * it.
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
   * Asks each node for the state of a resource, which takes at most a node timeout.
   * @param key under which the result is shown
   * @throws an error that terminus takes for `down`, if fewer than a quorum of nodes answer or the Redlock is closed
   */
  async isHealthy<K extends string>(
    key: K,
    { redlock: name, resource = 'redlock:health' }: RedlockHealthOptions = {},
  ): Promise<Record<K, RedlockHealth>> {
    const redlock = this.#modules.get(getRedlockToken(name), { strict: false });
    try {
      const { state, nodes } = await redlock.inspect(resource);
      const states = nodes.map(({ node, error }) => [node, error?.code ?? 'up']);
      const health = { nodes: Object.fromEntries(states) };
      if (state === 'unknown') throw new HealthCheckError(key, health);
      return { [key]: { status: 'up', ...health } } as Record<K, RedlockHealth>;
    } catch (error) {
      throw RedlockError.is(error) ? new HealthCheckError(key, { reason: error.code }) : error;
    }
  }
}

/** Has the members by which terminus 10 and 11 recognize a failed check: 10 takes each result for `up`. */
class HealthCheckError extends Error {
  readonly isHealthCheckError = true;
  readonly causes: Readonly<Record<string, RedlockHealth>>;

  constructor(key: string, health: Omit<RedlockHealth, 'status'>) {
    super(`${key} is down`);
    this.causes = { [key]: { status: 'down', ...health } };
  }
}

// As decorators would: this package is compiled without them.
Injectable()(RedlockHealthIndicator);
Inject(ModuleRef)(RedlockHealthIndicator, undefined, 0);
