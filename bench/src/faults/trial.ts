import { setTimeout as sleep } from 'node:timers/promises';
import type { Address } from '../subject.js';
import { Actor } from './actor.js';
import type { Cast, Mishap } from './mishap.js';

export interface TrialResult {
  /** How long nobody had the lock, in ms. */
  readonly gap: number;
  readonly heirGotIt: boolean;
}

/** Pauses in ms: between arrivals, so that their order is certain, and then until all have subscribed. */
const APART = 30;
const SETTLED = 150;

/** Plays a mishap some times, with new processes for those that it ends. */
export async function playTrials(
  nodes: readonly Address[],
  mishap: Mishap,
  times: number,
): Promise<TrialResult[]> {
  const enter = (): Promise<Actor> => Actor.enter(nodes, 'stage', mishap.ttl);
  const enterAll = (): Promise<Actor[]> => Promise.all(Array.from({ length: 4 }, enter));
  let actors = await enterAll();
  const results: TrialResult[] = [];
  try {
    for (let time = 0; time < times; time++) {
      const [holder, first, second, third] = actors;
      if (!holder || !first || !second || !third) throw new Error('An actor is missing');
      const cast = { holder, first, second, third };
      results.push(await play(cast, mishap));
      await Promise.all(hurtIn(cast, mishap).map((actor) => actor.kill()));
      actors = await Promise.all(actors.map(async (actor) => (actor.isDead ? enter() : actor)));
    }
  } finally {
    await Promise.all(actors.map((actor) => actor.kill()));
  }
  return results;
}

async function play(cast: Cast, mishap: Mishap): Promise<TrialResult> {
  const { holder, first, second, third } = cast;
  const waiting = [first, second, third];
  const granted = await holder.do('take', 'granted');
  const ended = new AbortController();
  const grants = waiting.map((actor) => actor.did('granted', ended.signal));
  for (const grant of grants) grant.catch(() => {});
  for (const actor of waiting) {
    actor.cue('take');
    await sleep(APART);
  }
  await sleep(SETTLED);
  const free = await mishap.happen(cast, granted);
  let left = waiting.map((actor, index) => ({ actor, grant: grants[index] ?? Promise.reject() }));
  if (mishap.heir === 'second') left = left.filter(({ actor }) => actor !== first);
  let result: TrialResult | null = null;
  let freed = free;
  while (left.length > 0) {
    const next = await Promise.race(
      left.map(async ({ actor, grant }) => ({ actor, at: await grant })),
    );
    if (next.at < freed) throw new Error(`Held twice: ${mishap.name}`);
    result ??= { gap: next.at - free, heirGotIt: next.actor === cast[mishap.heir] };
    left = left.filter(({ actor }) => actor !== next.actor);
    freed = await next.actor.do('release', 'released');
  }
  await mishap.check(cast);
  ended.abort();
  if (!result) throw new Error('Nobody waited');
  return result;
}

/** The actors that a mishap leaves stopped or dead. */
function hurtIn({ first }: Cast, { heir }: Mishap): Actor[] {
  return heir === 'second' ? [first] : [];
}
