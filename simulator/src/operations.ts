import { operationsIn, type EncodedOperation } from './core.js';

/** Several oracles read one command, one after another. */
let latest: readonly string[] = [];
let operationsOfLatest: readonly EncodedOperation[] = [];

/** The operations of a command, as an adapter is given it. */
export function encodedIn(command: readonly string[]): readonly EncodedOperation[] {
  if (command !== latest) {
    const end = 3 + Number(command[2] ?? 0);
    operationsOfLatest = [...operationsIn(command.slice(3, end), command.slice(end))];
    latest = command;
  }
  return operationsOfLatest;
}

/** The tokens whose locks a command extends. */
export function extendedBy(command: readonly string[]): readonly string[] {
  return encodedIn(command)
    .filter(({ letter }) => letter === 'e')
    .map(({ token }) => token);
}
