import { Inject, type InjectionToken } from '@nestjs/common';
import { Redlock } from 'redlock-core';

/**
 * The injection token of a Redlock, for example for `overrideProvider`.
 * @param name that of its `forRoot`, if it has one
 */
export function getRedlockToken(name?: string): InjectionToken<Redlock> {
  return name === undefined ? Redlock : `Redlock:${name}`;
}

/**
 * Injects the Redlock of a module that has a name.
 * @example
 * ```ts
 * constructor(@InjectRedlock('archive') private readonly redlock: Redlock) {}
 * ```
 */
export function InjectRedlock(name: string): PropertyDecorator & ParameterDecorator {
  return Inject(getRedlockToken(name));
}
