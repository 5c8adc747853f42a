import { Fleet, withSubjects } from '../fleet.js';
import { EXCLUSIVE, EXCLUSIVE_COPY, WATCHED_NAMES } from '../roster.js';
import { showSpread } from '../spread.js';
import { ratioHeader, section } from '../table.js';
import type { Chapter } from './index.js';
import { measureLatency } from './latency.js';
import { type Crowd, measureThroughput } from './throughput.js';

const CROWD: Crowd = { workers: 64, resources: 'own' };

/** The cost of a lock whose calls have a subscriber. */
export const telemetry: Chapter = async ({ plan, progress }) => {
  await using fleet = await Fleet.start();
  const names = [EXCLUSIVE, EXCLUSIVE_COPY, ...WATCHED_NAMES];
  return await withSubjects(names, fleet.servers, async (subjects) => {
    progress('telemetry, alone');
    const alone = await measureLatency(subjects, EXCLUSIVE, plan.latency);
    progress(`telemetry, ${CROWD.workers} workers`);
    const crowd = await measureThroughput(fleet, subjects, EXCLUSIVE, CROWD, plan.throughput);
    return [
      section(
        'Telemetry, alone',
        "Nobody subscribes to the channels, somebody counts what they tell, and OpenTelemetry makes every span and all metrics and sends them nowhere. One caller, one lock at a time, in turns as above; who watches, does so in its own turns only. A ratio is that of a turn's median to that of the locks beside it that nobody watches.",
        ['', 'acquire + release, ms', ratioHeader(alone, EXCLUSIVE, EXCLUSIVE_COPY)],
        alone.map(({ name, ms, ratio }) => [name, showSpread(ms, 3), showSpread(ratio, 2)]),
      ),
      section(
        `Telemetry, ${CROWD.workers} workers`,
        `The same, with ${CROWD.workers} concurrent workers, each on its own resource. Medians of ${plan.throughput.rounds} rounds of ${plan.throughput.ms} ms; ratios are those of locks a second, and CPU is for one lock.`,
        ['', 'locks/s', ratioHeader(crowd, EXCLUSIVE, EXCLUSIVE_COPY), 'client CPU µs'],
        crowd.map(({ name, locksPerSecond, ratio, clientMicros }) => [
          name,
          showSpread(locksPerSecond, 0),
          showSpread(ratio, 2),
          showSpread(clientMicros, 0),
        ]),
      ),
    ];
  });
};
