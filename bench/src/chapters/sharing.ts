import { closeSubjects, Deployment, type OpenSubject, openSubjects } from '../deployment.js';
import { measureLatency } from '../latency.js';
import { ratioHeader } from '../noise.js';
import { EXCLUSIVE, EXCLUSIVE_COPY, OURS, SHARED } from '../roster.js';
import { section } from '../section.js';
import { showSpread, type Spread } from '../spread.js';
import { measureArrivals } from '../arrivals.js';
import { type Crowd, measureThroughput } from '../throughput.js';
import type { Chapter } from './chapter.js';
import { arrivalSection } from './sharing-arrivals.js';

const SUBJECTS = [...OURS, EXCLUSIVE_COPY, SHARED];
const WORKERS = 64;

/** The cost of a shared lock beside that of an exclusive one, many that share one resource, and who gets it when. */
export const sharing: Chapter = {
  name: 'sharing',
  write: async ({ plan, progress }) => {
    await using deployment = await Deployment.start();
    const subjects = await openSubjects(SUBJECTS, deployment.addresses);
    const throughputOf = async (resources: Crowd['resources'], some: readonly OpenSubject[]) =>
      measureThroughput(
        deployment,
        some,
        EXCLUSIVE,
        { workers: WORKERS, resources },
        plan.throughput,
      );
    progress('sharing, alone');
    const alone = await measureLatency(subjects, EXCLUSIVE, plan.latency);
    progress('sharing, own resources');
    const own = await throughputOf('own', subjects);
    progress('sharing, one resource');
    const one = await throughputOf(
      'one',
      subjects.filter(({ name }) => name === SHARED),
    );
    await closeSubjects(subjects);
    const arrivals = await measureArrivals(deployment, plan.contentionMs, (situation) =>
      progress(`sharing: ${situation}`),
    );
    const rates = one.map(({ locksPerSecond }) => [
      `${WORKERS} workers share one resource`,
      showSpread(locksPerSecond, 0),
      showSpread(
        ratioOf(
          locksPerSecond,
          own.find(({ name }) => name === EXCLUSIVE),
        ),
        2,
      ),
    ]);
    const crowd = own.map(({ name, locksPerSecond, ratio }) => [
      `${name}, ${WORKERS} workers, each its own resource`,
      showSpread(locksPerSecond, 0),
      showSpread(ratio, 2),
    ]);
    return {
      markdown: [
        section(
          'Shared locks, alone',
          `One caller, one lock at a time, in turns as above. Ratios are those of a turn's median to that of the exclusive locks beside it.`,
          ['', 'acquire + release, ms', ratioHeader(alone, EXCLUSIVE, EXCLUSIVE_COPY)],
          alone.map(({ name, ms, ratio }) => [name, showSpread(ms, 3), showSpread(ratio, 2)]),
        ),
        section(
          `Shared locks, ${WORKERS} workers`,
          `Medians of ${plan.throughput.rounds} rounds of ${plan.throughput.ms} ms. Workers that share one resource have it at once; ratios are those of locks a second.`,
          ['', 'locks/s', ratioHeader(own, EXCLUSIVE, EXCLUSIVE_COPY)],
          [...crowd, ...rates],
        ),
        arrivalSection(arrivals, plan.contentionMs),
      ].join('\n\n'),
    };
  },
};

/** Of medians: the rounds were apart. */
function ratioOf(
  spread: Spread,
  reference: { readonly locksPerSecond: Spread } | undefined,
): Spread {
  const base = reference?.locksPerSecond.median ?? NaN;
  return { median: spread.median / base, min: spread.min / base, max: spread.max / base };
}
