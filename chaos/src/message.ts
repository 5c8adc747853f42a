/** What a client tells: what it believes, as it believes it. Times are the machine's. */
export type Message =
  | ({ readonly kind: 'granted'; readonly hold: number; readonly token: number } & Belief)
  | ({ readonly kind: 'extended'; readonly hold: number } & Belief)
  | { readonly kind: 'ended'; readonly hold: number; readonly at: number }
  | { readonly kind: 'setback'; readonly code: string }
  | { readonly kind: 'quarantined' }
  | Access;

interface Belief {
  readonly at: number;
  /** The end of validity, as the client's clocks tell. */
  readonly until: number;
}

/** Of the ledger; answered with a {@link Reply}. */
export type Access =
  | { readonly kind: 'read'; readonly hold: number; readonly token: number }
  | {
      readonly kind: 'write';
      readonly hold: number;
      readonly token: number;
      readonly balance: number;
    };

export interface Reply {
  /** Whether no higher token had been at the ledger. */
  readonly admitted: boolean;
  readonly balance: number;
}
