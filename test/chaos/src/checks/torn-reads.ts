import type { TornRead } from '../history.js';
import type { Finding } from './finding.js';

/** Somebody who held the lock saw a write in the midst of it. */
export function findTornReads(tornReads: readonly TornRead[]): Finding[] {
  return tornReads.map(({ client, at, sighting: { journal, fields, journalAfter } }) => {
    const journals = [journal, journalAfter].map((number) => number ?? 'empty');
    const text = `${client} read ${fields.join(', ')}, with a journal that was ${journals.join(', then ')}: torn`;
    return { text, at };
  });
}
