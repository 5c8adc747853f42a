import { Inject } from '@nestjs/common';
import type { Redlock } from 'redlock-core';
import { getRedlockToken } from './redlock-token.js';

/** The resources that a method locks, or a function that returns them for the method's arguments and `this`. */
export type LockKey<A extends unknown[] = never[]> =
  string | readonly string[] | ((...args: A) => string | readonly string[]);

/** A decorator of methods that return a promise, whose first arguments are those of the key. */
export type LockedMethod<A extends unknown[] = never[]> = <
  M extends (...args: [...A, ...never[]]) => Promise<unknown>,
>(
  target: object,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

/** The same, for methods that may be skipped: their promise must be allowed to resolve with undefined. */
export type SkippableMethod<A extends unknown[] = never[]> = <
  M extends (...args: [...A, ...never[]]) => Promise<unknown>,
>(
  target: object,
  name: string | symbol,
  descriptor: TypedPropertyDescriptor<M> &
    (undefined extends Awaited<ReturnType<M>>
      ? unknown
      : void extends Awaited<ReturnType<M>>
        ? unknown
        : 'the method may be skipped, so its promise must be allowed to resolve with undefined'),
) => void;

/** One call of a decorated method. */
interface MethodCall {
  readonly redlock: Redlock;
  readonly resources: string | readonly string[];
  readonly run: () => Promise<unknown>;
}

/** By the name of a Redlock, the property in which the injector leaves it with each instance. */
const properties = new Map<string | undefined, symbol>();

const injected = new WeakMap<object, Set<symbol>>();

/** Has the injector leave a Redlock with each instance of a class. */
function injectedProperty(target: object, name: string | undefined): symbol {
  const property = properties.get(name) ?? Symbol('redlock');
  properties.set(name, property);
  const present = injected.get(target) ?? new Set();
  injected.set(target, present);
  if (!present.has(property)) Inject(getRedlockToken(name))(target, property);
  present.add(property);
  return property;
}

/**
 * A decorator that has `call` make each call of the method.
 * @internal
 */
export function lockedMethod<A extends unknown[]>(
  key: LockKey<A>,
  redlockName: string | undefined,
  call: (given: MethodCall) => Promise<unknown>,
): LockedMethod<A> {
  return (target, name, descriptor) => {
    const method = descriptor.value;
    if (!method)
      throw new TypeError(`${placeOf(target, name)} is no method, so it cannot be locked`);
    const property = injectedProperty(target, redlockName);
    const locked = async function (
      this: { [property: symbol]: Redlock | undefined },
      ...args: [...A, ...never[]]
    ): Promise<unknown> {
      const redlock = this[property];
      if (!redlock) throw new Error(withoutRedlock(placeOf(target, name)));
      const resources = typeof key === 'function' ? key.apply(this, args as unknown[] as A) : key;
      return await call({ redlock, resources, run: async () => await method.apply(this, args) });
    };
    takeOver(method, locked);
    // It takes what the method takes, and a promise is what the method returns.
    descriptor.value = locked as typeof method;
  };
}

/** What other decorators have noted of the method, as @Get and @Cron do, counts for the one in its place. */
function takeOver(method: object, locked: object): void {
  for (const note of Reflect.getMetadataKeys(method)) {
    Reflect.defineMetadata(note, Reflect.getMetadata(note, method), locked);
  }
  for (const property of ['name', 'length']) {
    Object.defineProperty(locked, property, {
      value: Reflect.get(method, property),
      configurable: true,
    });
  }
}

function placeOf({ constructor }: object, name: string | symbol): string {
  return `${constructor.name}.${String(name)}`;
}

function withoutRedlock(place: string): string {
  return (
    `${place} runs under a lock, but Nest has not made its object, or has no Redlock to give it; import ` +
    'RedlockModule.forRoot, or in a test provide { provide: Redlock, useValue: redlock }'
  );
}
