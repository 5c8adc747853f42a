import type { Finding } from '../diagnosis.js';
import type { Check } from './check.js';

/** Finds numbers of nodes that bear the loss of fewer nodes than they could. */
export const setSize: Check = ({ nodes: { length } }) => {
  const findings: Finding[] = [];
  if (length < 3) {
    findings.push({
      level: 'warning',
      code: 'FEW_NODES',
      node: null,
      message: `with fewer than three nodes, as here (${length}), none may be away: nobody gets a lock meanwhile`,
      remedy: 'use three or five nodes if locks must go on without one',
    });
  }
  if (length % 2 === 0) {
    findings.push({
      level: 'warning',
      code: 'EVEN_NODES',
      node: null,
      message: `${length} nodes bear the loss of no more nodes than ${length - 1} do, and each lock asks one more`,
      remedy: 'add one node or remove one, in the list of every process',
    });
  }
  return findings;
};
