/** Clients are on one of two sides, each with a network of its own to the nodes. */
export type Side = 0 | 1;

export interface NodeFault {
  /**
   * `kill`: SIGKILL, and back with its data; `forget`: back without; `stop`: SIGSTOP. Of the network:
   * `cut`: connections are refused; `silence`: nothing passes, nothing is closed; `delay`: all is late.
   */
  readonly kind: 'kill' | 'forget' | 'stop' | 'cut' | 'silence' | 'delay';
  readonly node: number;
  /** Those who are cut off, where the fault is one of the network. */
  readonly sides: readonly Side[];
}

export interface ClientFault {
  /** `pause`: SIGSTOP, longer than the ttl; `crash`: SIGKILL, and a new process in its place. */
  readonly kind: 'pause' | 'crash';
  /** Whoever holds the lock then, or the client named where nobody does. */
  readonly holder: boolean;
  readonly client: number;
}

export type Fault = Timed & (NodeFault | ClientFault);

interface Timed {
  /** Ms from the start. */
  readonly at: number;
  /** In ms. */
  readonly lasts: number;
}
