import { barChart } from '../chart.js';
import { closeSubjects, Deployment, openSubjects } from '../deployment.js';
import { ratioHeader } from '../noise.js';
import { CROWDS, type Plan } from '../plan.js';
import { EVERYBODYS_NAMES, REFERENCE } from '../roster.js';
import { section } from '../section.js';
import { show, showSpread } from '../spread.js';
import { type Crowd, measureThroughput, type Throughput } from '../throughput.js';
import type { Chapter } from './chapter.js';

interface CrowdFigures {
  readonly crowd: Crowd;
  readonly results: readonly Throughput[];
}

export const throughput: Chapter = {
  name: 'throughput',
  write: async ({ plan: { throughput: plan }, progress }) => {
    await using deployment = await Deployment.start();
    const subjects = await openSubjects(EVERYBODYS_NAMES, deployment.addresses);
    const figures: CrowdFigures[] = [];
    for (const crowd of CROWDS) {
      progress(`throughput, ${crowd.workers} workers, ${crowd.resources} resources`);
      const results = await measureThroughput(deployment, subjects, REFERENCE, crowd, plan);
      figures.push({ crowd, results });
    }
    await closeSubjects(subjects);
    return {
      markdown: figures.map((one) => crowdSection(one, plan)).join('\n\n'),
      files: { 'bench.svg': chart(figures) },
    };
  },
};

function crowdSection(
  { crowd: { workers, resources }, results }: CrowdFigures,
  plan: Plan['throughput'],
): string {
  const which = resources === 'new' ? 'a new resource each time' : 'each its own resource';
  return section(
    `Throughput, ${workers} workers, ${which}`,
    `${workers} concurrent workers in one process, each acquires and releases, ${resources === 'new' ? which : 'the same resource again and again, that nobody else wants'}. Medians of ${plan.rounds} rounds of ${plan.ms} ms (min–max over the rounds), the subjects in turn, the order reversed each round. CPU, commands and bytes are for one lock, over all five servers; what scripts call inside a server is no command.`,
    [
      '',
      'locks/s',
      ratioHeader(results),
      'client CPU µs',
      'server CPU µs',
      'commands',
      'bytes on the wire',
    ],
    results.map((row) => [
      row.name,
      showSpread(row.locksPerSecond, 0),
      showSpread(row.ratio, 2),
      showSpread(row.clientMicros, 0),
      showSpread(row.serverMicros, 0),
      show(row.commands.median, 2),
      show(row.bytes.median, 0),
    ]),
  );
}

function chart(figures: readonly CrowdFigures[]): string {
  return barChart(
    'Locks per second, five servers, new resources (median; line: min to max)',
    figures
      .filter(({ crowd }) => crowd.resources === 'new')
      .map(({ crowd, results }) => ({
        label: `${crowd.workers} workers`,
        bars: results.map(({ name, locksPerSecond }) => ({ name, spread: locksPerSecond })),
      })),
  );
}
