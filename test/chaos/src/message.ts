import type { LockMode } from 'redlock-core';
import type { Part, Sighting } from './sighting.js';

/** What a client tells: what it believes, as it believes it. Times are the machine's. */
export type Notice =
  | ({
      readonly kind: 'granted';
      readonly hold: number;
      readonly mode: LockMode;
      readonly token: number;
    } & Belief)
  | ({ readonly kind: 'extended'; readonly hold: number } & Belief)
  | {
      readonly kind: 'ended';
      readonly hold: number;
      readonly at: number;
      readonly lost: boolean;
    }
  /** The lock was held until the whole of it had been seen. */
  | { readonly kind: 'seen'; readonly at: number; readonly sighting: Sighting }
  | { readonly kind: 'setback'; readonly code: string }
  | { readonly kind: 'quarantined' };

export interface Belief {
  readonly at: number;
  /** The end of validity, as the client's clocks tell. */
  readonly until: number;
}

/** Of the ledger or the record; answered with a {@link Reply}. */
export type Access = LedgerAccess | RecordAccess;

export type LedgerAccess =
  | { readonly kind: 'read'; readonly hold: number; readonly token: number }
  | {
      readonly kind: 'write';
      readonly hold: number;
      readonly token: number;
      readonly balance: number;
    };

export type RecordAccess =
  | { readonly kind: 'look'; readonly part: Part }
  | ({ readonly kind: 'change'; readonly part: Part; readonly value: number } & Title)
  /** Ends the changes: they are the record from now on. */
  | ({ readonly kind: 'commit'; readonly balance: number } & Title);

/** The right to change the record, as its holder shows it. */
interface Title {
  readonly hold: number;
  readonly token: number;
  /** The end of validity, on the machine's clock. */
  readonly until: number;
}

export interface Reply {
  readonly admitted: boolean;
  /** Refused because the lock had ended, whatever its token. */
  readonly late: boolean;
  /** The balance of the ledger, or what a part of the record says. */
  readonly value: number | null;
}

export type Message = Notice | { readonly kind: 'access'; readonly access: Access };
