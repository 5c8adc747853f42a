import { CLIENTS, type ClientName, type NodeName } from '../world/names.js';
import { DEFAULTS } from '../world/settings.js';
import type { Preset } from './preset.js';

/** The client that each node is near to. */
const NEAR: Readonly<Record<NodeName, ClientName>> = {
  n1: 'A',
  n2: 'A',
  n3: 'B',
  n4: 'C',
  n5: 'C',
};

export const SPLIT_VOTE: Preset = {
  id: 'split',
  title: 'Split vote',
  sentence:
    'All three clients ask at the same moment, and each node votes for the one that is nearest. So nobody has a quorum. They give their votes back and ask again, after pauses by chance that put one of them first.',
  ending: 'The vote was split, and then each client got the lock, one after the other.',
  settings: {
    ...DEFAULTS,
    starts: { A: 600, B: 600, C: 600 },
    rest: 6000,
    delay: (client, node) => (NEAR[node] === client ? 40 : 100),
  },
  steps: [],
  isOver: ({ journal: { facts } }) =>
    facts.splitVotes > 0 && CLIENTS.every((client) => facts.grants[client] > 0),
};
