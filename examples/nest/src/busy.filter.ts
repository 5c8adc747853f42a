import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { ResourceLockedError } from 'redlock-core';

interface Response {
  status(code: number): { json(body: object): void };
}

/** Tells a client that what it wants is under way already. */
@Catch(ResourceLockedError)
export class BusyFilter implements ExceptionFilter<ResourceLockedError> {
  catch({ resources }: ResourceLockedError, host: ArgumentsHost): void {
    host.switchToHttp().getResponse<Response>().status(409).json({ busy: resources });
  }
}
