import { setTimeout as sleep } from 'node:timers/promises';
import { answerOf, LIMIT } from '../answer.js';
import { CommandCount } from '../command-count.js';
import { Party } from '../party.js';
import type { Trial } from '../trial.js';

const WAITERS = 5;
const ROUNDS = 3;
/** Between arrivals, so that their order is certain, in ms. */
const APART = 100;
const COUNTED = 1000;
const HELD = 20;
const TTL = 10_000;

export const waiters: Trial = {
  key: 'waiters',
  name: 'hand-over to waiters in other processes',
  procedure: `${WAITERS} processes wait for a lock that a sixth holds, with the library's default delays and no limit. They arrive ${APART} ms apart. The holder releases, and each waiter holds the lock for ${HELD} ms; ${ROUNDS} rounds. The time is that from a release to the next grant. While nobody releases, commands to one node are counted for a second; what scripts call is not counted.`,
  nodes: 3,
  alone: true,
  async run(stage) {
    const parties: Party[] = [];
    const count = await CommandCount.start(stage.deployment.node(0).server);
    try {
      for (let index = 0; index <= WAITERS; index++) {
        parties.push(await Party.enter({ library: stage.name, nodes: stage.servers }));
      }
      const rounds: Round[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        rounds.push(await playRound(parties, `turn:${round}`, count));
      }
      const commands = rounds.map((round) => round.commands).toSorted((a, b) => a - b);
      const notes = [`${commands[0]}–${commands.at(-1)} commands/s to a node`];
      const ms = rounds.flatMap((round) => round.gaps);
      const inOrder = rounds.every((round) => round.inOrder);
      if (rounds.some((round) => round.gaps.length < WAITERS))
        return { verdict: 'not all', ms, notes };
      return { verdict: inOrder ? 'in order' : 'any order', ms, notes };
    } finally {
      count.close();
      await Promise.all(parties.map((party) => party[Symbol.asyncDispose]()));
    }
  },
};

interface Round {
  /** From each release to the next grant, in ms. */
  readonly gaps: readonly number[];
  readonly inOrder: boolean;
  readonly commands: number;
}

async function playRound(
  parties: readonly Party[],
  resource: string,
  count: CommandCount,
): Promise<Round> {
  const [holder, ...waiting] = parties;
  if (!holder) throw new Error('Nobody holds');
  const held = holder.did('granted');
  holder.cue({ do: 'take', resource, ttl: TTL, ms: 0 });
  await held;
  const turns = waiting.map((waiter) =>
    answerOf(async () => {
      const [granted, released] = await Promise.all([
        waiter.did('granted', 2 * LIMIT),
        waiter.did('released', 2 * LIMIT),
      ]);
      return { granted, released };
    }, LIMIT + COUNTED),
  );
  for (const waiter of waiting) {
    waiter.cue({ do: 'take', resource, ttl: TTL, ms: HELD });
    await sleep(APART);
  }
  count.reset();
  await sleep(COUNTED);
  const commands = count.commands;
  const freed = holder.did('released');
  holder.cue({ do: 'release' });
  const first = await freed;
  const done = (await Promise.all(turns)).flatMap((turn) =>
    turn.kind === 'value' ? [turn.value] : [],
  );
  const grants = done.map(({ granted }) => granted);
  const released = [first, ...done.map((turn) => turn.released)].toSorted((a, b) => a - b);
  const inTime = grants.toSorted((a, b) => a - b);
  const gaps = inTime.map((granted, index) => granted - (released[index] ?? NaN));
  return { gaps, inOrder: grants.join() === inTime.join(), commands };
}
