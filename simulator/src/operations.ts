import { operationsIn, type EncodedOperation } from './core.js';

/** The operations of a command, as an adapter is given it. */
export function encodedIn(command: readonly string[]): readonly EncodedOperation[] {
  const end = 3 + Number(command[2] ?? 0);
  return [...operationsIn(command.slice(3, end), command.slice(end))];
}

/** The tokens whose locks a command extends. */
export function extendedBy(command: readonly string[]): readonly string[] {
  return encodedIn(command)
    .filter(({ letter }) => letter === 'e')
    .map(({ token }) => token);
}
