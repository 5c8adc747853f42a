import type { Verb } from './world/deeds.js';
import type { Journal } from './world/journal.js';
import { type ClientName, CLIENTS, NODES } from './world/parts.js';
import type { PartName, Phase, Settings } from './world/parts.js';

type Facts = Journal['facts'];

/** Something that a preset does by itself, once, as soon as the cluster has come so far. */
interface Step {
  readonly when: (facts: Facts, phases: Readonly<Partial<Record<ClientName, Phase>>>) => boolean;
  readonly act: readonly (readonly [PartName, Verb])[];
}

function step(when: Step['when'], ...act: Step['act']): Step {
  return { when, act };
}

/** A scenario to look at: how it begins, what happens by itself, and how it ends. */
export interface Preset {
  readonly title: string;
  /** What happens. */
  readonly sentence: string;
  /** What has become true at the end. */
  readonly ending: string;
  readonly settings: Settings;
  /** Done one after the other. */
  readonly steps: readonly Step[];
  readonly isOver: (facts: Facts) => boolean;
}

/** A slow network, so that there is something to see. Nodes that are drawn nearer to a client answer a little earlier. */
const DEFAULTS: Settings = {
  ttl: 4000,
  autoExtend: true,
  quarantine: true,
  starts: { A: 300, B: 700, C: 1100 },
  hold: 1800,
  rest: 1500,
  delay: (client, node) => 55 + 6 * Math.abs(NODES.indexOf(node) - 2 * CLIENTS.indexOf(client)),
};

/** A needs its lock for less than a ttl and does not extend it, so it does not restore it on a node that forgot it. */
const FORGETTING: Settings = {
  ...DEFAULTS,
  ttl: 7000,
  autoExtend: false,
  starts: { A: 300, B: 1200 },
  hold: 5400,
};

const FORGETTING_STEPS = [
  step(() => true, ['A–n4', 'cut'], ['A–n5', 'cut']),
  step(({ writes }, { B }) => B === 'waits' && writes.A >= 2, ['n3', 'empty']),
];

/** In the order in which they are offered; the first one is shown at first. */
export const PRESETS: readonly [Preset, ...Preset[]] = [
  {
    title: 'Taking turns',
    sentence:
      'Three clients want one lock. A client that is denied waits in the queues of the nodes, and the nodes notify the first one as soon as the lock is free.',
    ending: 'Each client has had the lock twice, and never two of them at the same time.',
    settings: DEFAULTS,
    steps: [],
    isOver: ({ grants }) => CLIENTS.every((client) => grants[client] >= 2),
  },
  {
    title: 'The pause that Kleppmann describes',
    sentence:
      'A checks its lock, and is paused right before it writes. Its validity ends, B gets the lock and writes. Then A wakes up and sends its write, as if nothing had happened.',
    ending:
      'The storage has refused the late write of A, because its fencing token is the lower one.',
    settings: { ...DEFAULTS, ttl: 3000, starts: { A: 300, B: 900 }, hold: 2400 },
    steps: [
      step(
        ({ writes }, { A, B }) => writes.A > 0 && A === 'writes' && B === 'waits',
        ['A', 'pause'],
      ),
      step(({ writes }) => writes.B >= 2, ['A', 'resume']),
    ],
    isOver: ({ refusedWrites, losses }) => refusedWrites.A > 0 && losses.A > 0,
  },
  {
    title: 'A node that forgets',
    sentence:
      'A holds the lock on n1, n2 and n3. Then n3 restarts without its data, so n3, n4 and n5 would all grant the lock to B. But B notices the restart, and does not count what n3 grants for a while.',
    ending: 'B got the lock only after A had released it.',
    settings: FORGETTING,
    steps: FORGETTING_STEPS,
    isOver: ({ quarantines, grants }) => quarantines > 0 && grants.B > 0,
  },
  {
    title: 'Without quarantine: two holders',
    sentence:
      'The same, but without quarantine. n3 has forgotten that A holds the lock, and helps B to a quorum. What is left is the fencing token: the storage refuses writes of A once B has written.',
    ending:
      'Two clients held the lock at the same time, and only the fencing token has protected the data.',
    settings: { ...FORGETTING, quarantine: false },
    steps: FORGETTING_STEPS,
    isOver: ({ doubleHoldings, refusedWrites }) => doubleHoldings > 0 && refusedWrites.A > 0,
  },
  {
    title: 'Two of five down',
    sentence:
      'While A holds the lock, n4 and n5 are killed. Three of five are still a quorum, so the clients go on. Kill a third node, and no client gets the lock.',
    ending: 'Each client has had the lock since the two nodes were killed.',
    settings: DEFAULTS,
    steps: [step(({ writes }) => writes.A > 0, ['n4', 'kill'], ['n5', 'kill'])],
    // The nodes are killed while A holds the lock for the first time, so its second time is after that.
    isOver: ({ grants: { A, B, C } }) => A >= 2 && B >= 1 && C >= 1,
  },
  {
    title: 'Split vote',
    sentence:
      'All three clients request the lock at the same moment, and each node votes for the nearest one, so none has a quorum. They release their votes and try again, after random pauses that put one of them first.',
    ending: 'The vote was split, and then each client got the lock, one after the other.',
    settings: {
      ...DEFAULTS,
      starts: { A: 600, B: 600, C: 600 },
      rest: 6000,
      delay: (client, node) => ('AABCC'[NODES.indexOf(node)] === client ? 40 : 100),
    },
    steps: [],
    isOver: ({ splitVotes, grants }) =>
      splitVotes > 0 && CLIENTS.every((client) => grants[client] > 0),
  },
];
