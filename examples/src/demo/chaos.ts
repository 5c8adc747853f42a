import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisServer } from 'test-kit';
import type { Scoreboard } from './scoreboard.js';
import type { Timetable } from './timetable.js';

/**
 * Kills two of the five nodes and brings them back, with what they had confirmed: one, the other,
 * both at once. Three nodes are always up, which is a quorum.
 */
export class Chaos {
  readonly #outages: readonly (readonly RedisServer[])[];
  readonly #times: Timetable['outages'];
  readonly #board: Scoreboard;

  constructor(servers: readonly RedisServer[], times: Timetable['outages'], board: Scoreboard) {
    const [, one, , other] = servers;
    this.#outages = one && other ? [[one], [other], [one, other]] : [];
    this.#times = times;
    this.#board = board;
  }

  /** Resolves when all outages are over, rejects when `signal` aborts. */
  async wreak(signal: AbortSignal): Promise<void> {
    const { calm, down, rounds } = this.#times;
    await sleep(calm, undefined, { signal });
    for (let round = 0; round < rounds; round++) {
      for (const victims of this.#outages) {
        await Promise.all(victims.map((server) => this.#kill(server)));
        await sleep(down, undefined, { signal });
        await Promise.all(victims.map((server) => this.#bringBack(server)));
        await sleep(calm, undefined, { signal });
      }
    }
  }

  async #kill(server: RedisServer): Promise<void> {
    await server.kill();
    this.#board.nodeKilled(server.name);
  }

  async #bringBack(server: RedisServer): Promise<void> {
    await server.start();
    this.#board.nodeBack(server.name);
  }
}
