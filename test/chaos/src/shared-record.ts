import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ledger } from './ledger.js';
import type { RecordAccess, Reply } from './message.js';
import { FIELDS, type Part } from './sighting.js';

/**
 * A directory of files that are one record: see {@link Sighting} for how it is written. Each commit is an entry of the
 * ledger, which fences.
 *
 * The fence does not protect readers, since a shared lock has no token: a writer that was paused, and lost its lock,
 * could write while the next holders read. Therefore a change shows the end of its lock, and is refused afterwards. The
 * keeper's process alone touches the files, and it can stand still as well: if it finds the time over after a change,
 * it takes the change back before anybody can have seen it.
 */
export class SharedRecord {
  readonly #folder: string;
  readonly #ledger: Ledger;
  readonly #clock: () => number;

  constructor(folder: string, ledger: Ledger, clock: () => number) {
    this.#folder = folder;
    this.#ledger = ledger;
    this.#clock = clock;
    this.#write('journal', null);
    for (const field of FIELDS) this.#write(field, 0);
  }

  access(client: string, access: RecordAccess): Reply {
    if (access.kind === 'look') {
      return { admitted: true, late: false, value: this.#read(access.part) };
    }
    const { hold, token, until } = access;
    const reply = this.#ledger.access(client, { kind: 'read', hold, token });
    if (!reply.admitted) return reply;
    const [part, value] =
      access.kind === 'commit' ? (['journal', null] as const) : [access.part, access.value];
    if (!this.#writeBefore(until, part, value)) return { ...reply, admitted: false, late: true };
    if (access.kind === 'change') return reply;
    return this.#ledger.access(client, { kind: 'write', hold, token, balance: access.balance });
  }

  #writeBefore(until: number, part: Part, value: number | null): boolean {
    if (this.#clock() >= until) return false;
    const before = this.#read(part);
    this.#write(part, value);
    if (this.#clock() < until) return true;
    this.#write(part, before);
    return false;
  }

  #read(part: Part): number | null {
    const text = readFileSync(join(this.#folder, part), 'utf8');
    return text === '' ? null : Number(text);
  }

  #write(part: Part, value: number | null): void {
    writeFileSync(join(this.#folder, part), value === null ? '' : String(value));
  }
}
