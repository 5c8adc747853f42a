import { DEFAULTS } from '../world/settings.js';
import type { Preset } from './preset.js';

export const KLEPPMANN_PAUSE: Preset = {
  id: 'pause',
  title: 'The pause that Kleppmann describes',
  sentence:
    'A checks its lock, and is paused right before it writes. Its validity ends, B gets the lock and writes. Then A wakes up and sends its write, as if nothing had happened.',
  ending:
    'The storage has refused the late write of A, because its fencing token is the lower one.',
  settings: { ...DEFAULTS, ttl: 3000, starts: { A: 300, B: 900 }, hold: 2400 },
  steps: [
    {
      when: (cluster) =>
        cluster.journal.facts.writes.A > 0 &&
        cluster.client('A').job.phase === 'writing' &&
        cluster.client('B').job.phase === 'waiting',
      act: [{ part: 'A', verb: 'pause' }],
    },
    {
      when: ({ journal }) => journal.facts.writes.B >= 2,
      act: [{ part: 'A', verb: 'resume' }],
    },
  ],
  isOver: ({ journal: { facts } }) => facts.refusedWrites.A > 0 && facts.losses.A > 0,
};
