import { measureDelayedLatency } from '../delayed-latency.js';
import { show } from '../spread.js';
import type { Chapter } from './chapter.js';
import { latencySection } from './latency-table.js';

/** A caller alone, with a network between it and the nodes. */
export const delay: Chapter = {
  name: 'delay',
  write: async ({ plan: { delays }, progress }) => {
    const sections: string[] = [];
    for (const { delayMs, ...plan } of delays) {
      progress(`a lone caller with ${delayMs} ms of delay`);
      const { roundMs, results } = await measureDelayedLatency(delayMs, plan);
      const explanation = `One caller, one lock at a time, five nodes behind a proxy that passes everything on ${delayMs} ms later, each way, with a timer's precision; it is a process of its own. A round that does nothing takes ${show(roundMs, 2)} ms. Turns of ${plan.locks} locks, medians of ${plan.rounds} rounds of ${plan.turns} turns (min–max over the rounds).`;
      sections.push(latencySection(`Latency, alone, ${delayMs} ms away`, explanation, results));
    }
    return { markdown: sections.join('\n\n') };
  },
};
