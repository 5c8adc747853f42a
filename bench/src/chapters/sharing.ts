import { type Chapter, type Column, type Row, tableOf } from '../chapter.js';
import { type Party, runContest } from '../contest/contest.js';
import { medianOf, sumOf } from '../figure.js';
import { OURS, SHARED } from '../libraries/roster.js';
import { NODES, Servers } from '../servers.js';

interface Situation {
  readonly name: string;
  readonly parties: readonly Party[];
}

const HOLD = 50;

function readersAndWriters(readers: number, writers: number, holdMs: number): Situation {
  const parties = [
    { library: SHARED, processes: readers, workers: 1, holdMs },
    { library: OURS, processes: writers, workers: 1, holdMs },
  ];
  return { name: `${readers} readers, ${writers} writers, held ${holdMs} ms`, parties };
}

const READERS: readonly Situation[] = [
  readersAndWriters(20, 3, 5),
  readersAndWriters(3, 20, 5),
  readersAndWriters(25, 5, HOLD),
];

/** Eight processes want each of two keys, and three want both. */
function twoKeys(holdMs: number): Situation {
  const parties = [
    { library: OURS, processes: 8, workers: 1, holdMs, resource: 'a' },
    { library: OURS, processes: 8, workers: 1, holdMs, resource: 'b' },
    { library: OURS, processes: 3, workers: 1, holdMs, resource: 'a+b' },
  ];
  return { name: `8 want a, 8 want b, 3 want both, held ${holdMs} ms`, parties };
}

const KEYS = [twoKeys(5), twoKeys(100)];

/** Whether two kinds of requests for the same resources have their share. */
export const sharing: Chapter = {
  name: 'sharing',
  measures: 'readers beside writers, and locks of two resources beside locks of one',
  page: 'bench',
  run: async ({ short, progress }) => {
    const ms = short ? 1000 : 10_000;
    await using servers = await Servers.start();
    const measure = async ({ name, parties }: Situation): Promise<Row> => {
      progress(`sharing: ${name}`);
      const { log, commands } = await runContest({ servers, parties, ms });
      const last = parties.length - 1;
      const [first, second] = [parties.map((_, index) => index).slice(0, last), [last]].map(
        (group) => ({
          locks: medianOf(group.flatMap((party) => log.locks(party))),
          wait: Math.max(...group.flatMap((party) => log.waits(party))),
        }),
      );
      const figures = {
        first: first?.locks ?? null,
        second: second?.locks ?? null,
        share: (second?.locks ?? NaN) / (first?.locks ?? NaN),
        firstWait: first?.wait ?? null,
        secondWait: second?.wait ?? null,
        commands: commands / log.holds.length / NODES,
        locks: sumOf(log.locks()),
      };
      return { name, figures };
    };
    const explanation = `Processes that want locks of the same resources again and again, for ${ms / 1000} s, five nodes. Locks of a process are the median of its kind. A wait that had not ended counts for as long as it had taken. A lock that overlaps an exclusive one would end the run.`;
    const rowsOf = async (situations: readonly Situation[]): Promise<Row[]> => {
      const rows: Row[] = [];
      for (const situation of situations) rows.push(await measure(situation));
      return rows;
    };
    return [
      tableOf(
        'Readers and writers',
        explanation,
        columnsFor('reader', 'writer'),
        await rowsOf(READERS),
      ),
      tableOf('Two resources', explanation, columnsFor('single', 'pair'), await rowsOf(KEYS)),
    ];
  },
};

function columnsFor(first: string, second: string): Column[] {
  return [
    { key: 'locks', heading: 'locks', digits: 0 },
    { key: 'first', heading: `locks a ${first}`, digits: 0 },
    { key: 'second', heading: `locks a ${second}`, digits: 0 },
    { key: 'share', heading: `${second} / ${first}`, digits: 2 },
    { key: 'firstWait', heading: `longest wait of a ${first}, ms`, digits: 0 },
    { key: 'secondWait', heading: `of a ${second}`, digits: 0 },
    { key: 'commands', heading: 'commands a lock and node', digits: 2 },
  ];
}
