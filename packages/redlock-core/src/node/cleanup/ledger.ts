import type { Claim } from '../../protocol/claim.js';

/**
 * What was written to one node for one claim. An entry goes through these states, in this order: none (nothing was ever
 * written), open (a command is unanswered, or a release is owed), settled (every command was answered and nothing is
 * owed), and open again if the claim goes on.
 */
export interface LedgerEntry {
  readonly claim: Claim;
  /** Commands that are written and not answered, releases among them. */
  open: number;
  /** Releases that are asked for and not answered. */
  releasing: number;
  /** The node has executed a release. */
  released: boolean;
  /** The node has executed a release, and had all keys of the claim until then. */
  freed: boolean;
  /** A release is due as soon as the node is ready: something may be left there. */
  owing: boolean;
  /** When every key of the claim will have expired by itself, on the monotonic clock. Set when a release has failed. */
  owedUntil: number | null;
  /**
   * The first connection on which a command was written and not answered. The command may still arrive. So once the
   * claim is over, a release is due when the node is next connected, whatever was released before on another
   * connection.
   */
  unanswered: number | null;
  /** The position in the node's list of unsettled entries. -1: the entry is not in it. */
  position: number;
}

const SETTLED = 'settled';
/** Settled, and {@link LedgerEntry.freed}. */
const FREED = 'freed';

type Note = LedgerEntry | typeof SETTLED | typeof FREED | undefined;

/** Invariant: nothing but this module reads or writes a claim's notes. */
function notesOf(claim: Claim): Note[] {
  return claim.notes as Note[];
}

export function wasWrittenTo(claim: Claim, node: number): boolean {
  return notesOf(claim)[node] !== undefined;
}

/**
 * Whether the node had all keys of the claim until it executed a release, perhaps one that was owed. When it is asked for
 * another release, it says that the keys are not ours.
 */
export function hasFreed(claim: Claim, node: number): boolean {
  const note = notesOf(claim)[node];
  return typeof note === 'object' ? note.freed : note === FREED;
}

/** The entry of a node that is written to, or was. Opens one if there is none. */
export function entryAt(claim: Claim, node: number): LedgerEntry {
  const notes = notesOf(claim);
  const entry = notes[node];
  if (typeof entry === 'object') return entry;
  const opened: LedgerEntry = {
    claim,
    open: 0,
    releasing: 0,
    owing: false,
    released: false,
    freed: entry === FREED,
    owedUntil: null,
    unanswered: null,
    position: -1,
  };
  notes[node] = opened;
  return opened;
}

/** Perf: a lock that is held for long keeps no entries, only the fact that the node was written to. */
export function settle(claim: Claim, node: number): void {
  notesOf(claim)[node] = hasFreed(claim, node) ? FREED : SETTLED;
}
