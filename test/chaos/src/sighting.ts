export const FIELDS = ['first', 'second', 'third'] as const;

/** A file of the record. */
export type Part = 'journal' | (typeof FIELDS)[number];

/**
 * The record as somebody saw it, file by file, in the time that this takes. All fields hold one number. A writer notes
 * the number in the journal, then changes the fields one by one, then empties the journal. A writer that loses its lock
 * in between leaves the number in the journal, and that number is what the record says.
 */
export interface Sighting {
  readonly journal: number | null;
  readonly fields: readonly number[];
  /** Looked at again in the end. */
  readonly journalAfter: number | null;
}

/** The number that the record says. */
export function numberIn({ journal, fields }: Sighting): number {
  return journal ?? fields[0] ?? 0;
}

/** Whether somebody changed the record while it was looked at, or before without a lock. */
export function isTorn(sighting: Sighting): boolean {
  const { journal, fields, journalAfter } = sighting;
  const number = numberIn(sighting);
  const isPossible = (field: number): boolean =>
    field === number || (journal !== null && field === number + 1);
  return journal !== journalAfter || !fields.every(isPossible);
}
