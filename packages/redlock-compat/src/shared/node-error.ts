import type { Vote } from 'redlock-core';

/** What went wrong at a node, if that is why it did not vote for an operation. */
export function nodeErrorOf({ node, error }: Vote): Error | null {
  if (!error) return null;
  const { name, code, message } = error;
  return Object.assign(new Error(`${node}: ${message}`), { name, code });
}
