import { type Chapter, type Row, tableOf } from '../chapter.js';
import { runContest } from '../contest/contest.js';
import { PERMITS } from '../libraries/redlock-core.js';
import { SEMAPHORES } from '../libraries/roster.js';
import { NODES, Servers } from '../servers.js';

const CROWDS = [
  { processes: 100, workers: 1, holdMs: 20 },
  { processes: 8, workers: 5, holdMs: 20 },
  { processes: 8, workers: 5, holdMs: 200 },
];

export const semaphore: Chapter = {
  name: 'semaphore',
  measures: `callers that want one of ${PERMITS} permits`,
  page: 'bench',
  run: async ({ short, progress }) => {
    const ms = short ? 1000 : 5000;
    await using servers = await Servers.start();
    const rows: Row[] = [];
    for (const library of short ? SEMAPHORES.slice(0, 1) : SEMAPHORES) {
      for (const crowd of CROWDS) {
        const { processes, workers, holdMs } = crowd;
        const name = `${library.name}, ${processes} × ${workers}, held ${holdMs} ms`;
        progress(`semaphore: ${name}`);
        const parties = [{ library, resource: 'seats', ...crowd }];
        const course = await runContest({ servers, parties, ms, permits: PERMITS });
        const { log } = course;
        const grants = log.holds.length;
        const locks = log.locks();
        const figures = {
          grants,
          used: log.heldShare(PERMITS) * 100,
          most: log.mostAtOnce,
          commands: course.commands / grants / NODES,
          scripts: course.scripts / grants / NODES,
          least: Math.min(...locks),
          greatest: Math.max(...locks),
          wait: Math.max(...log.waits()),
        };
        rows.push({ name, figures });
      }
    }
    return [
      tableOf(
        'Semaphore',
        `Processes × workers that want one of ${PERMITS} permits again and again, for ${ms / 1000} s, five nodes. In use: the share of the time for which permits were held, all of them together. Most at once: of holders, by the machine's monotonic clock; more than ${PERMITS} are too many. Commands are those of all clients, for one permit and node, and of these EVAL and EVALSHA. A wait that had not ended counts for as long as it had taken.`,
        [
          { key: 'grants', heading: 'grants', digits: 0 },
          { key: 'used', heading: 'in use, %', digits: 1 },
          { key: 'most', heading: 'most at once', digits: 0 },
          { key: 'commands', heading: 'commands a grant and node', digits: 2 },
          { key: 'scripts', heading: 'scripts', digits: 2 },
          { key: 'least', heading: 'grants of a process, least', digits: 0 },
          { key: 'greatest', heading: 'most', digits: 0 },
          { key: 'wait', heading: 'longest wait, ms', digits: 0 },
        ],
        rows,
      ),
    ];
  },
};
