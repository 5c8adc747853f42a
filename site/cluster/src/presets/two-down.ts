import { DEFAULTS } from '../world/settings.js';
import type { Preset } from './preset.js';

export const TWO_DOWN: Preset = {
  id: 'two-down',
  title: 'Two of five down',
  sentence:
    'While A holds the lock, n4 and n5 are killed. Three of five are still a quorum, so the clients go on as before. Kill a third node, and nobody gets the lock.',
  ending: 'Each client has had the lock since the two nodes were killed.',
  settings: DEFAULTS,
  steps: [
    {
      when: ({ journal }) => journal.facts.writes.A > 0,
      act: [
        { part: 'n4', verb: 'kill' },
        { part: 'n5', verb: 'kill' },
      ],
    },
  ],
  // The nodes are killed while A holds the lock for the first time, so its second time is after that.
  isOver: ({ journal: { facts } }) =>
    facts.grants.A >= 2 && facts.grants.B >= 1 && facts.grants.C >= 1,
};
