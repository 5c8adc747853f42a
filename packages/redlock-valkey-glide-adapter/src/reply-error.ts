const PREFIX = 'An error was signalled by the server: - ';

/** GLIDE's own names for some of the codes with which error replies begin. */
const CODES: Readonly<Record<string, string>> = {
  ResponseError: 'ERR',
  NoScriptError: 'NOSCRIPT',
  PermissionDenied: 'NOPERM',
  BusyLoadingError: 'LOADING',
  CrossSlot: 'CROSSSLOT',
  ClusterDown: 'CLUSTERDOWN',
  MasterDown: 'MASTERDOWN',
  ReadOnly: 'READONLY',
  TryAgain: 'TRYAGAIN',
  ExecAbortError: 'EXECABORT',
  NotBusy: 'NOTBUSY',
};

/** The error reply as the server wrote it; `null` if a connection gave no answer. */
export function replyErrorOf(error: unknown): Error | null {
  if (!(error instanceof Error)) return null;
  const { message } = error;
  const isNamed = message.startsWith(PREFIX);
  const [, name, detail] =
    /^(\w+): ?(.*)/s.exec(isNamed ? message.slice(PREFIX.length) : message) ?? [];
  const code = isNamed ? (CODES[name ?? ''] ?? name) : /^[A-Z][A-Z0-9_]*$/.exec(name ?? '')?.[0];
  return code ? new Error(`${code} ${detail}`) : null;
}
