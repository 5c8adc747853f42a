import type { ClientName, NodeName } from './names.js';

/** How the clients of a run work. All times are in ms. */
export interface ClusterSettings {
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

/** A slow network, so that there is something to see. */
export const DEFAULTS: ClusterSettings = {
  ttl: 4000,
  autoExtend: true,
  quarantine: true,
  starts: { A: 300, B: 700, C: 1100 },
  hold: 1800,
  rest: 1500,
  delay: (client, node) => 55 + 6 * Math.abs(Number(node.slice(1)) - 2 * COLUMN[client] - 1),
};

/** Nodes that are drawn nearer to a client answer a little earlier. */
const COLUMN: Readonly<Record<ClientName, number>> = { A: 0, B: 1, C: 2 };
