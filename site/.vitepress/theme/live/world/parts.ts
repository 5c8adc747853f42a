export const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'] as const;
export const CLIENTS = ['A', 'B', 'C'] as const;

export type NodeName = (typeof NODES)[number];
export type ClientName = (typeof CLIENTS)[number];
export type PartName = NodeName | ClientName | `${ClientName}–${NodeName}`;
export type State = 'running' | 'paused' | 'down';

/** What a client does. `writes`: it has found its lock valid, and prepares a write. */
export type Phase = 'wants nothing' | 'rests' | 'asks' | 'waits' | 'works' | 'writes' | 'releases';

/** How the clients of a run work. All times are in ms. */
export interface Settings {
  readonly ttl: number;
  readonly autoExtend: boolean;
  readonly quarantine: boolean;
  /** When each client wants the lock for the first time; absent: never. */
  readonly starts: Readonly<Partial<Record<ClientName, number>>>;
  /** For how long a client works under the lock, and how long it rests until it wants the lock again. */
  readonly hold: number;
  readonly rest: number;
  /** How long a message takes, typically. */
  readonly delay: (client: ClientName, node: NodeName) => number;
}

export const RESOURCE = 'invoice:42';

/** What wall clocks show when a run begins: the year 2026, in ms since 1970. */
export const EPOCH = 1_767_225_610_000;

export function isClient(part: string): part is ClientName {
  return (CLIENTS as readonly string[]).includes(part);
}

/** The last eight digits of a fencing token. The others are the same in all of a run, and hard to read. */
export function tokenText(fencingToken: number): string {
  const digits = String(fencingToken % 1e8).padStart(8, '0');
  return digits.replace(/^(..)(...)(...)$/, '$1\u202F$2\u202F$3');
}
