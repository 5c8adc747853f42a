import { type Chapter, type Row, tableOf } from '../chapter.js';
import { runContest } from '../contest/contest.js';
import { medianOf } from '../figure.js';
import { LIBRARIES, OURS } from '../libraries/roster.js';
import { Servers } from '../servers.js';

const CROWDS = [
  { processes: 1, workers: 50, title: '50 callers in one process' },
  { processes: 4, workers: 12, title: '48 callers in 4 processes' },
];
const HOLD = 5;

/** Callers that want one resource again and again, for each library. */
export const contention: Chapter = {
  name: 'contention',
  measures: 'many callers that want one lock, for each library',
  page: 'bench',
  run: async ({ short, progress }) => {
    const ms = short ? 1000 : 5000;
    await using servers = await Servers.start();
    const tables = [];
    for (const { title, ...crowd } of CROWDS) {
      const rows: Row[] = [];
      for (const library of short ? [OURS] : LIBRARIES) {
        progress(`contention, ${title}: ${library.name}`);
        const parties = [{ library, holdMs: HOLD, ...crowd }];
        const { log, commands } = await runContest({ servers, parties, ms });
        const locks = log.holds.length;
        const waits = log.waits();
        const figures = {
          locks,
          held: log.heldShare() * 100,
          // 0: the library has another client, whose commands are not counted.
          commands: commands === 0 ? null : commands / locks,
          median: medianOf(waits),
          longest: Math.max(...waits),
        };
        rows.push({ name: library.name, figures });
      }
      tables.push(
        tableOf(
          `One lock, ${title}`,
          `All want one resource again and again and hold it for ${HOLD} ms, for ${ms / 1000} s; each library polls as it does by default, without giving up. Held: the share of the time; the rest is hand-overs. Commands are those of all clients, for one lock, over all five servers. A wait that had not ended counts for as long as it had taken.`,
          [
            { key: 'locks', heading: 'locks', digits: 0 },
            { key: 'held', heading: 'held, %', digits: 0 },
            { key: 'commands', heading: 'commands a lock', digits: 1 },
            { key: 'median', heading: 'median wait, ms', digits: 0 },
            { key: 'longest', heading: 'longest wait, ms', digits: 0 },
          ],
          rows,
        ),
      );
    }
    return tables;
  },
};
