import { closeSubjects, Deployment, NODES, openSubjects } from '../deployment.js';
import { measureLatency } from '../latency.js';
import { EVERYBODYS_NAMES, OWN_COMMANDS_NAMES, REFERENCE } from '../roster.js';
import type { Chapter } from './chapter.js';
import { latencySection } from './latency-table.js';

const COUNTS = [NODES, 3];

/** A caller alone, on the same machine. */
export const latency: Chapter = {
  name: 'latency',
  write: async ({ plan: { latency: plan }, progress }) => {
    const sections: string[] = [];
    for (const nodes of COUNTS) {
      progress(`latency, ${nodes} nodes`);
      await using deployment = await Deployment.start(nodes);
      const names = [...EVERYBODYS_NAMES, ...OWN_COMMANDS_NAMES];
      const subjects = await openSubjects(names, deployment.addresses);
      const results = await measureLatency(subjects, REFERENCE, plan);
      await closeSubjects(subjects);
      const explanation = `One caller, one lock at a time, ${nodes} nodes; the subjects in turns of ${plan.locks} locks, in an order drawn anew each time. Medians of ${plan.rounds} rounds of ${plan.turns} turns (min–max over the rounds). A ratio is that of a turn's median to the median of the turn by hand beside it; the copy's difference from 1 is noise. "redlock-core's commands, by hand" is what redlock-core writes to the nodes, written without it and awaited for a quorum: what a lock takes beyond that is the library's own time.`;
      sections.push(latencySection(`Latency, alone, ${nodes} nodes`, explanation, results));
    }
    return { markdown: sections.join('\n\n') };
  },
};
