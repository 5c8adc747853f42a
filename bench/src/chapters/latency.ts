import { closeSubjects, Deployment, NODES, openSubjects } from '../deployment.js';
import { measureLatency } from '../latency.js';
import { EVERYBODYS_NAMES, REFERENCE } from '../roster.js';
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
      const subjects = await openSubjects(EVERYBODYS_NAMES, deployment.addresses);
      const results = await measureLatency(subjects, REFERENCE, plan);
      await closeSubjects(subjects);
      const explanation = `One caller, one lock at a time, ${nodes} nodes; the subjects in turns of ${plan.locks} locks, in an order drawn anew each time. Medians of ${plan.rounds} rounds of ${plan.turns} turns (min–max over the rounds). A ratio is that of a turn's median to the median of the turn by hand beside it; the copy's difference from 1 is noise.`;
      sections.push(latencySection(`Latency, alone, ${nodes} nodes`, explanation, results));
    }
    return { markdown: sections.join('\n\n') };
  },
};
