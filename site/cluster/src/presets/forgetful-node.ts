import { DEFAULTS, type ClusterSettings } from '../world/settings.js';
import type { Step } from '../world/scenario.js';
import type { Preset } from './preset.js';

/** A needs its lock for shorter than a ttl and does not extend it, so it puts nothing back on a node that forgot. */
const settings: ClusterSettings = {
  ...DEFAULTS,
  ttl: 7000,
  autoExtend: false,
  starts: { A: 300, B: 1200 },
  hold: 5400,
};

const steps: readonly Step[] = [
  {
    when: () => true,
    act: [
      { part: 'A-n4', verb: 'cut' },
      { part: 'A-n5', verb: 'cut' },
    ],
  },
  {
    when: (cluster) =>
      cluster.client('B').job.phase === 'waiting' && cluster.journal.facts.writes.A >= 2,
    act: [{ part: 'n3', verb: 'empty' }],
  },
];

export const FORGETFUL_NODE: Preset = {
  id: 'forget',
  title: 'A node that forgets',
  sentence:
    'A holds the lock on n1, n2 and n3. Then n3 restarts without its data, so n3, n4 and n5 would all grant the lock to B. But B notices the restart, and does not count what n3 grants for a while.',
  ending: 'B got the lock only after A had released it.',
  settings,
  steps,
  isOver: ({ journal: { facts } }) => facts.quarantines > 0 && facts.grants.B > 0,
};

export const WITHOUT_QUARANTINE: Preset = {
  id: 'two-holders',
  title: 'Without quarantine: two holders',
  sentence:
    'The same with `quarantine: false`. n3 has forgotten that A holds the lock, and helps B to a quorum of its own. What is left is the fencing token: the storage refuses writes of A once B has written.',
  ending:
    'Two clients held the lock at the same time, and only the fencing token has kept the data whole.',
  settings: { ...settings, quarantine: false },
  steps,
  isOver: ({ journal: { facts } }) => facts.doubleHoldings > 0 && facts.refusedWrites.A > 0,
};
