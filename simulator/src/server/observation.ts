import { keyRange } from '../core.js';
import { isQueue } from '../commands/queue-member.js';
import type { Server } from './server.js';
import type { Witness } from './witness.js';

/** What a server has before a command is executed, so that a witness can be told what the command did. */
export class Observation {
  readonly #server: Server;
  readonly #command: readonly string[];
  readonly #keys = new Map<string, string | null>();
  readonly #queues = new Map<string, readonly string[]>();

  constructor(server: Server, command: readonly string[]) {
    this.#server = server;
    this.#command = command;
    const { start, end } = keyRange(command);
    // Operations of one command may have a key in common.
    for (let position = start; position < end; position++) {
      const key = command[position] ?? '';
      if (isQueue(key)) this.#queues.set(key, server.membersOf(key));
      else this.#keys.set(key, server.keyspace.get(key));
    }
  }

  tell(witness: Witness): void {
    const server = this.#server;
    const command = this.#command;
    for (const [queue, before] of this.#queues) {
      const after = server.membersOf(queue);
      if (before.length + after.length === 0) continue;
      witness.queued({ server, queue, before, after, command });
    }
    for (const [key, before] of this.#keys) {
      const after = server.keyspace.get(key);
      witness.changed({ server, key, before, after, command });
    }
  }
}
