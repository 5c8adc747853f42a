/**
 * The reason inside an error of a Sentinel group's client, which wraps the errors of the clients under it, or puts them
 * into a text.
 */
export function reasonOf(error: unknown): unknown {
  if (typeof error === 'string') return new Error(error.replace(/^.*\bError: /s, ''));
  const isWrapped = error instanceof Error && /^\w+ Client \(/.test(error.message);
  return isWrapped ? (error.cause ?? error) : error;
}
