import { inspect } from 'node:util';

/**
 * Has nobody print a property of an object by chance: printed clients show the passwords in their options. Node prints an
 * uncaught error with all that can be enumerated, and asks no object how it wants to be shown.
 */
export function hide<T extends object>(object: T, name: keyof T): void {
  Object.defineProperty(object, name, { enumerable: false });
}

/**
 * Has `util.inspect` show a part of an object in its place, without clients.
 *
 * It is no member that TypeScript sees: objects of the user's own need not have it to be of the same type.
 */
export function showAs<T extends object>(object: T, part: (this: T) => object): T {
  return Object.defineProperty(object, inspect.custom, { value: part });
}
