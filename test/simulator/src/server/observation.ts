import { keyRange, SHARED } from '../core.js';
import { isQueue, type QueueEntry } from '../commands/queue-entry.js';
import type { Server } from './server.js';
import { isSet, sharersOn, type Sharers } from './sharers.js';
import type { Witness } from './witness.js';

/** What a server has before a command is executed, so that a witness can be told what the command did. */
export class Observation {
  readonly #server: Server;
  readonly #command: readonly string[];
  readonly #keys = new Map<string, string | null>();
  readonly #sharers = new Map<string, Sharers>();
  readonly #queues = new Map<string, readonly QueueEntry[]>();

  constructor(server: Server, command: readonly string[]) {
    this.#server = server;
    this.#command = command;
    const { start, end } = keyRange(command);
    // Operations of one command may have a key in common.
    for (let position = start; position < end; position++) {
      const key = command[position] ?? '';
      if (isQueue(key)) this.#queues.set(key, server.entriesOf(key));
      else if (!isSet(key)) {
        const value = server.keyspace.get(key);
        this.#keys.set(key, value);
        if (value === SHARED) this.#sharers.set(key, sharersOn(server.keyspace, key));
      }
    }
  }

  tell(witness: Witness): void {
    const server = this.#server;
    const command = this.#command;
    for (const [queue, before] of this.#queues) {
      const after = server.entriesOf(queue);
      if (before.length + after.length === 0) continue;
      const known = { keys: this.#keys, sharers: this.#sharers };
      witness.queued({ server, queue, before, after, ...known, command });
    }
    for (const [key, value] of this.#keys) {
      const before = this.#sharers.get(key) ?? new Map<string, number>();
      const after = sharersOn(server.keyspace, key);
      if (before.size + after.size === 0) continue;
      witness.shared({ server, key, value, before, after, command });
    }
    for (const [key, before] of this.#keys) {
      const after = server.keyspace.get(key);
      witness.changed({ server, key, before, after, command });
    }
  }
}
