import { type Chapter, type Row, tableOf } from '../chapter.js';
import { spreadOf, sumOf } from '../figure.js';
import { TTL } from '../libraries/library.js';
import { COPY, OURS, REFERENCE } from '../libraries/roster.js';
import type { JobOutput } from '../jobs/index.js';
import { NODES, Servers } from '../servers.js';
import { runJob } from '../worker.js';

const FULL = { locks: 10_000, rounds: 3, ms: 10_000 };
const SHORT = { locks: 2000, rounds: 1, ms: 4000 };

/** Many locks that one process keeps, beside a timer for each lock and a command for each lock and node. */
export const keeping: Chapter = {
  name: 'keeping',
  measures: 'many locks that are extended automatically',
  page: 'bench',
  run: async ({ short, progress }) => {
    const { rounds, ...plan } = short ? SHORT : FULL;
    await using servers = await Servers.start();
    const names = [OURS.name, REFERENCE.name, COPY.name];
    const measured = names.map((name) => ({ name, outputs: [] as JobOutput<'keep'>[] }));
    for (let round = 0; round < rounds; round++) {
      for (const { name, outputs } of round % 2 === 0 ? measured : measured.toReversed()) {
        progress(`keep locks, round ${round + 1}: ${name}`);
        await servers.clear();
        const nodes = servers.addresses;
        const input = { nodes, ttl: TTL, byHand: name !== OURS.name, ...plan };
        outputs.push(await runJob('keep', input, plan.ms + 30_000));
      }
    }
    const references = microsOf(measured.find(({ name }) => name === REFERENCE.name)?.outputs);
    const rows = measured.map(({ name, outputs }): Row => {
      const extensions = sumOf(outputs.map((output) => output.extensions));
      const micros = microsOf(outputs);
      const figures = {
        extensions,
        lost: sumOf(outputs.map(({ lost }) => lost)),
        micros: spreadOf(micros),
        ratio: spreadOf(micros.map((one, round) => one / (references[round] ?? NaN))),
        commands: sumOf(outputs.map(({ commands }) => commands)) / extensions / NODES,
        heap: spreadOf(outputs.map(({ heapPerLock }) => heapPerLock)).median,
      };
      return { name, figures };
    });
    return [
      tableOf(
        `${plan.locks.toLocaleString('en-US')} locks kept`,
        `Held by one process with a ttl of 10 s and extended automatically, beside one timer for each lock and one command for each lock and node. Medians of ${rounds} rounds of ${plan.ms / 1000} s (min–max over the rounds), in turn, the order reversed each round; extensions and lost locks of all rounds. Ratios are those of the client's CPU. Heap after garbage collection.`,
        [
          { key: 'extensions', heading: 'extensions', digits: 0 },
          { key: 'lost', heading: 'lost', digits: 0 },
          { key: 'micros', heading: 'client CPU µs an extension', digits: 1 },
          { key: 'ratio', heading: `× ${REFERENCE.name}`, digits: 2, noise: COPY.name },
          { key: 'commands', heading: 'commands an extension and node', digits: 4 },
          { key: 'heap', heading: 'heap bytes a lock', digits: 0 },
        ],
        rows,
      ),
    ];
  },
};

function microsOf(outputs: readonly JobOutput<'keep'>[] = []): number[] {
  return outputs.map(({ cpuMicros, extensions }) => cpuMicros / extensions);
}
