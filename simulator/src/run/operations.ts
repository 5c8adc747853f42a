import { operationsIn, type EncodedOperation } from '../core.js';

/** Several oracles read one command, one after another. */
let latest: readonly string[] = [];
let operationsOfLatest: readonly EncodedOperation[] = [];

/** The operations of a command, as an adapter is given it. */
export function encodedIn(command: readonly string[]): readonly EncodedOperation[] {
  if (command !== latest) {
    operationsOfLatest = [...operationsIn(command)];
    latest = command;
  }
  return operationsOfLatest;
}

/** The tokens whose locks a command extends. */
export function extendedBy(command: readonly string[]): readonly string[] {
  return [...operationsIn(command)]
    .filter(({ letter }) => letter === 'e')
    .map(({ token }) => token);
}
