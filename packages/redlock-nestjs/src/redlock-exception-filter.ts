import {
  Catch,
  ConflictException,
  Inject,
  Logger,
  ServiceUnavailableException,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { QuorumError, RedlockClosedError, ResourceLockedError } from 'redlock-core';

/** In seconds. */
const RETRY_AFTER = '1';

/**
 * Answers HTTP requests that fail for want of a lock: with 409 after a ResourceLockedError, and with 503 and
 * `Retry-After: 1` after a QuorumError or a RedlockClosedError. The body has no names of resources, owners and nodes; the
 * message of an error that is answered with 503 is logged. Outside of HTTP, as in GraphQL, the error is passed on.
 * @example
 * ```ts
 * @Module({ providers: [{ provide: APP_FILTER, useClass: RedlockExceptionFilter }] })
 * class AppModule {}
 * ```
 */
export class RedlockExceptionFilter implements ExceptionFilter {
  readonly #adapterHost: HttpAdapterHost;
  readonly #logger = new Logger('RedlockExceptionFilter');

  constructor(adapterHost: HttpAdapterHost) {
    this.#adapterHost = adapterHost;
  }

  catch(error: ResourceLockedError | QuorumError | RedlockClosedError, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw error;
    const isLocked = ResourceLockedError.is(error);
    if (!isLocked) this.#logger.error(error.message);
    const { httpAdapter } = this.#adapterHost;
    const response: unknown = host.switchToHttp().getResponse();
    if (httpAdapter.isHeadersSent(response)) {
      httpAdapter.end(response);
      return;
    }
    if (!isLocked) httpAdapter.setHeader(response, 'Retry-After', RETRY_AFTER);
    const answer = isLocked
      ? new ConflictException('Locked by other work. Try again later.')
      : new ServiceUnavailableException('Locks are unavailable. Try again later.');
    httpAdapter.reply(response, answer.getResponse(), answer.getStatus());
  }
}

// As decorators would: this package is compiled without them.
Catch(ResourceLockedError, QuorumError, RedlockClosedError)(RedlockExceptionFilter);
Inject(HttpAdapterHost)(RedlockExceptionFilter, undefined, 0);
