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

/** The words before the reason that a server, or the first of several, gave. */
const PREFACE = /for address `[^`]*`: |Received errors:\s*\S+: |received errors: `/;

/** Why a client cannot connect. GLIDE wraps the reason into a sentence with addresses. */
export function reasonOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const [preface = ''] = PREFACE.exec(error.message) ?? [];
  if (!preface) return error;
  const start = error.message.indexOf(preface) + preface.length;
  // Leave out GLIDE's own name for the kind of reason at the end.
  const [reason = ''] = /^[^`\n]*?(?=(- \w+)?[`\n]|$)/.exec(error.message.slice(start)) ?? [];
  const bare = new Error(reason);
  return replyErrorOf(bare) ?? bare;
}
