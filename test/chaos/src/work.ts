/** Who does not lock as it should: readers take no lock, or writers a shared one. */
export type Careless = 'readers' | 'writers';

/** What the clients do. */
export interface Work {
  readonly subject: 'ledger' | 'record';
  /** At once, in each process. */
  readonly tasks: number;
  readonly careless: Careless | null;
}

/** Everybody adds entries to a ledger, under an exclusive lock. */
export const LEDGER: Work = { subject: 'ledger', tasks: 1, careless: null };

/** Some change a record under an exclusive lock, and others read it under a shared one. */
export const RECORD: Work = { subject: 'record', tasks: 4, careless: null };
