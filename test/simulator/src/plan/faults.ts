import type { Random } from 'test-kit/random';

/** What a fault does; see {@link Adversary}. */
export type Fault =
  | 'slow'
  | 'cut'
  | 'reset'
  | 'deafen'
  | 'ambush'
  | 'crash'
  | 'amnesia'
  | 'undermine'
  | 'stop'
  | 'refuse'
  | 'expire'
  | 'pause'
  | 'suspend'
  | 'jump'
  | 'kill'
  | 'close';

/** How often each happens, compared with the others. */
export type Faults = Readonly<Record<Fault, number>>;

export function faultsOf(random: Random, forgetful: boolean): Faults {
  return {
    slow: random.pick([0, 1, 2]),
    cut: random.pick([0, 1, 3]),
    reset: random.pick([0, 1, 3]),
    deafen: random.pick([0, 1, 3]),
    ambush: random.pick([0, 1, 3]),
    crash: random.pick([0, 1, 2]),
    amnesia: forgetful ? 4 : 0,
    undermine: 0,
    stop: random.pick([0, 1, 2]),
    refuse: random.pick([0, 0, 1, 2]),
    expire: 0,
    pause: random.pick([0, 1, 3]),
    suspend: random.pick([0, 1, 3]),
    jump: random.pick([0, 1, 3]),
    kill: random.pick([0, 0.3, 1]),
    close: random.pick([0, 0.2]),
  };
}

/** Messages that arrive when others have had the lock meanwhile: what the rules about tokens are for. */
export function wildFaults(random: Random): Faults {
  return {
    slow: random.pick([0, 1]),
    cut: random.pick([0, 1, 3]),
    reset: random.pick([0, 2, 4]),
    deafen: 0,
    ambush: 0,
    crash: random.pick([0, 0, 1]),
    amnesia: 0,
    undermine: 0,
    stop: random.pick([0, 1]),
    refuse: 0,
    expire: random.pick([8, 16]),
    pause: random.pick([0, 1]),
    suspend: random.pick([0, 0.5]),
    jump: random.pick([0, 0.5]),
    kill: 0,
    close: 0,
  };
}

/** A node that can be made to vote twice is; see `undermining.ts`. */
export function siegeFaults(random: Random): Faults {
  return {
    slow: 0,
    cut: random.pick([0, 0.5]),
    reset: random.pick([0, 0.5]),
    deafen: 0,
    ambush: 0,
    crash: random.pick([0, 0.5]),
    amnesia: 0,
    undermine: 4,
    stop: random.pick([0, 0.5]),
    refuse: random.pick([0, 0.5]),
    expire: 0,
    pause: random.pick([0, 1]),
    suspend: random.pick([0, 0.5]),
    jump: 0,
    kill: 0,
    close: 0,
  };
}

/** What the calls of nodes meet. */
export const CALL_FAULTS: Faults = {
  slow: 0,
  cut: 0,
  reset: 0,
  deafen: 1,
  ambush: 3,
  crash: 0,
  amnesia: 0,
  undermine: 0,
  stop: 0,
  refuse: 0,
  expire: 0,
  pause: 0.5,
  suspend: 0,
  jump: 0.5,
  kill: 0.5,
  close: 0.2,
};

/** Little enough that the rest of the run is judged. */
export const AMBUSHES: Faults = {
  ...CALL_FAULTS,
  deafen: 0,
  pause: 0,
  jump: 0,
  kill: 0,
  close: 0,
};

export const UNDERMINING_ALONE: Faults = {
  slow: 0,
  cut: 0,
  reset: 0,
  deafen: 0,
  ambush: 0,
  crash: 0,
  amnesia: 0,
  undermine: 1,
  stop: 0,
  refuse: 0,
  expire: 0,
  pause: 0,
  suspend: 0,
  jump: 0,
  kill: 0,
  close: 0,
};
