/** Aborts on Ctrl+C, or when asked to end in another way, or when nobody reads the output any more. */
export function watchInterruption(): AbortSignal {
  const controller = new AbortController();
  const interrupt = (): void => controller.abort(new Error('Interrupted'));
  // Again and again: pnpm passes a Ctrl+C on that the terminal has sent to everybody already.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  // As in `pnpm demo | head -3`.
  process.stdout.on('error', interrupt);
  return controller.signal;
}
