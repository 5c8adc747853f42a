import type { Lock, LockMode } from '../core.js';
import { Caller } from './caller.js';
import { reenter, Tenure } from './tenure.js';

/** What a caller does with its Redlock, from the first call to the end of what it got. */
interface Job {
  /** How often it is chosen, compared with the others. */
  readonly weight: (caller: Caller) => number;
  /** Rejects with what the caller was refused with. */
  readonly run: (caller: Caller) => Promise<void>;
}

/** With this a routine of a leader fails. */
const FAILED = new Error('the leader has failed');

/** Chance goes by this order, so a new one belongs at the end. */
const JOBS: Readonly<Record<string, Job>> = {
  acquire: {
    weight: () => 5,
    run: (caller) => acquireAndServe(caller, 'acquire'),
  },

  /** Takes a lock if nobody has it, or a permit if one is free. */
  tryAcquire: {
    weight: () => 2,
    async run(caller) {
      const wanted = caller.wanted();
      const ttl = caller.ttl();
      const options = caller.options(wanted.resources);
      const lock = await caller.call('tryAcquire', wanted, () => wanted.tryAcquire(ttl, options));
      if (lock) await Tenure.of(caller, lock, ttl, options).serve();
      else caller.scene.tally.refusals++;
    },
  },

  /** Runs a routine under a lock, or under a permit. */
  using: {
    weight: () => 2,
    async run(caller) {
      const { random, scene, client } = caller;
      const wanted = caller.wanted();
      const reentrant = wanted.isReentrant && random.chance(0.5);
      const ttl = caller.ttl();
      const options = { ...caller.options(wanted.resources), ...(reentrant && { reentrant }) };
      let believed = false;
      const wait = scene.waits(client.process, wanted.resources, options);
      const routine = async (_signal: AbortSignal, lock: Lock): Promise<void> => {
        scene.waitEnds(wait);
        const tenure = Tenure.of(caller, lock, ttl, { ...options, autoExtend: true });
        await tenure.work();
        if (reentrant) await reenter(caller, tenure.holding);
        if (random.chance(0.3)) await tenure.work();
        believed = lock.remaining() > 0;
        scene.releasing(tenure.holding);
      };
      await caller
        .call('using', wanted, () => wanted.using(ttl, options, routine))
        .finally(() => scene.waitEnds(wait));
      if (!believed) scene.fail('loss', `using went well although its lock was lost`);
    },
  },

  /** Takes a lock over whose holder has detached it, has crashed or has lent it. */
  adopt: {
    weight: ({ scene }) => (scene.adoptable.length > 0 ? 4 + 8 * scene.plan.lends : 0),
    async run(caller) {
      const { random, scene } = caller;
      const { adoptable } = scene;
      const [holding] = adoptable.splice(random.integer(0, adoptable.length - 1), 1);
      if (!holding || !caller.mayAdopt(holding.lock)) return;
      const { token, mode: own, fencingToken } = holding.lock;
      const isMistaken = caller.client.sharing > 0 && random.chance(0.1);
      const mode = isMistaken ? otherThan(own) : own;
      const options = { fencing: fencingToken > 0, mode };
      holding.adoptions++;
      const lock = await caller
        .call('adopt', holding.lock, () => caller.adopt(holding.lock, caller.ttl(), options))
        .catch((error: unknown) => {
          holding.adoptions--;
          scene.tally.failedAdoptions++;
          throw error;
        });
      if (isMistaken) scene.fail('modes', `${token} is ${own}, and was adopted as ${mode}`);
      scene.tally.adoptions++;
      await Tenure.of(caller, lock).serve();
    },
  },

  /** Makes a Redlock of its own over the clients of its process, which have seen nodes restart, and closes it in the end. */
  visit: {
    weight: ({ scene }) => 20 * scene.plan.siblings,
    async run(caller) {
      const { client, redlock } = caller;
      const visitor = client.another();
      caller.redlock = visitor;
      try {
        await acquireAndServe(caller, 'acquire with another Redlock');
      } finally {
        caller.redlock = redlock;
        await client.closeOne(visitor);
      }
    },
  },

  /** Waits until it is the leader, and resigns after a while. */
  campaign: {
    weight: ({ scene }) => (scene.plan.elects ? 2 : 0),
    async run(caller) {
      const { redlock, scene } = caller;
      const [name] = scene.plan.resources;
      const ttl = caller.ttl();
      const { wait, pollInterval, maxHold, signal } = caller.options([name]);
      const options = { wait, pollInterval, maxHold, signal };
      const lock = await caller.wait('campaign', { resources: [name] }, options, () =>
        redlock.election(name, ttl).campaign(options),
      );
      scene.tally.leaderships++;
      await Tenure.of(caller, lock, ttl, { ...options, autoExtend: true }).serve();
    },
  },

  /** Leads again and again, until it is told to stop or its routine fails. */
  lead: {
    weight: ({ scene }) => (scene.plan.elects ? 1 : 0),
    async run(caller) {
      const { redlock, random, scene, client } = caller;
      const [name] = scene.plan.resources;
      const ttl = caller.ttl();
      const signal = caller.signal([0.3, 3, 8]);
      let wait = scene.waits(client.process, [name], {});
      const routine = async (_signal: AbortSignal, lock: Lock): Promise<void> => {
        scene.waitEnds(wait);
        scene.tally.leaderships++;
        const tenure = Tenure.of(caller, lock, ttl, { autoExtend: true });
        await tenure.work();
        scene.releasing(tenure.holding);
        if (random.chance(0.2)) throw FAILED;
        if (!signal.aborted) wait = scene.waits(client.process, [name], {});
      };
      try {
        await caller.call('lead', { resources: [name] }, () =>
          redlock.election(name, ttl).lead(routine, { signal }),
        );
      } catch (error) {
        if (error !== FAILED) throw error;
      } finally {
        scene.waitEnds(wait);
      }
    },
  },

  /** Is told who leads, and each change of that once. */
  observe: {
    weight: ({ scene }) => (scene.plan.elects ? 1 : 0),
    async run(caller) {
      const { redlock, scene, client } = caller;
      const [name] = scene.plan.resources;
      const signal = caller.signal([1, 5]);
      const follow = async (): Promise<void> => {
        let isFree = false;
        for await (const leader of redlock.election(name, caller.ttl()).observe({ signal })) {
          scene.tally.observations++;
          if (leader === null && isFree)
            scene.fail('observation', 'nobody leads, and that was told twice');
          isFree = leader === null;
        }
        if (!signal.aborted) scene.fail('observation', 'it has ended, and was not told to');
      };
      await client.calling('observe', follow());
    },
  },
};

async function acquireAndServe(caller: Caller, what: string): Promise<void> {
  const wanted = caller.wanted();
  const ttl = caller.ttl();
  const options = caller.options(wanted.resources);
  const lock = await caller.wait(what, wanted, options, () => wanted.acquire(ttl, options));
  await Tenure.of(caller, lock, ttl, options).serve();
}

function otherThan(mode: LockMode): LockMode {
  return mode === 'shared' ? 'exclusive' : 'shared';
}

/** What one branch of a process does, one job after another. */
export async function work(caller: Caller): Promise<void> {
  const { client, scene, random, pace } = caller;
  const { plan, world } = scene;
  // Perf: where locks are held for long and all others poll, or clocks are wrong, a job that begins after the faults
  // shows little. Such jobs take half of the time of such a run.
  const isOfFaults = ['siege', 'stall', 'wild'].includes(plan.kind) || plan.spread.length > 1;
  let hasBegun = false;
  for (let left = plan.operations * pace.turns; left > 0 && !client.isGone; left--) {
    if (isOfFaults && hasBegun && world.now >= plan.faultsUntil) break;
    await caller.sleep(plan.ttl * random.pick(pace.rests));
    hasBegun = true;
    const weights = Object.entries(JOBS).map(([name, { weight }]) => [name, weight(caller)]);
    const job = random.weighted(Object.fromEntries(weights) as Record<string, number>);
    try {
      await JOBS[job]?.run(caller);
    } catch (error) {
      caller.refused(error);
    }
  }
}
