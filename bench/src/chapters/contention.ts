import { type Contention, measureContention } from '../contention.js';
import { Deployment } from '../deployment.js';
import { section } from '../section.js';
import { NONE, show } from '../spread.js';
import type { Chapter } from './chapter.js';

export const contention: Chapter = {
  name: 'contention',
  write: async ({ plan: { contentionMs }, progress }) => {
    await using deployment = await Deployment.start();
    const rows = await measureContention(deployment, contentionMs, (situation) =>
      progress(`contention: ${situation}`),
    );
    return { markdown: [costs(rows, contentionMs), fairness(rows)].join('\n\n') };
  },
};

function costs(rows: readonly Contention[], ms: number): string {
  return section(
    'Contention',
    `Processes × workers that want one resource again and again, for ${ms / 1000} s or twice that, five nodes; redlock-core with \`wait: Infinity\`. Commands are counted on the servers, for one lock and node: all that clients send, SUBSCRIBE and the handshake of a subscription's connection among it, and of these EVAL and EVALSHA. What scripts call is no command; the messages among it, PUBLISH, have a column of their own. A hand-off is the time from the call of a release to the next holder's grant, on the machine's monotonic clock; p99 and the ratio are those of hand-offs from one process to another. The ratio is that of their median to an idle round, which was measured with all processes connected and none at work: a script of one GET every 5 ms, until three of five nodes have answered. Two holders at once would end the run.`,
    [
      '',
      'locks',
      'commands a lock and node',
      'scripts',
      'PUBLISH',
      'hand-off, ms',
      'between processes, ms',
      'p99',
      'idle round, ms',
      'between processes / idle round',
    ],
    rows.map((row) => [
      row.situation,
      show(row.locks, 0),
      show(row.commands, 2),
      show(row.scripts, 2),
      show(row.published, 2),
      show(row.handOffMs, 2),
      row.between === null ? NONE : show(row.between.ms, 2),
      row.between === null ? NONE : show(row.between.p99, 2),
      show(row.idleRoundMs, 2),
      row.between === null ? NONE : show(row.between.ms / row.idleRoundMs, 1),
    ]),
  );
}

function fairness(rows: readonly Contention[]): string {
  return section(
    'Contention: who gets it, and when',
    'The same runs. Share: of the process that had the lock least and most often, over the mean. Out of order: hand-overs to one who had wanted the lock later than another who still waited, in one process or two; one who is left waiting puts all hand-overs out of order until it has the lock. Overtaken: locks whose holder got them after another who had wanted them later. A wait that had not ended counts for as long as it had taken.',
    [
      '',
      'hand-overs',
      'out of order',
      'overtaken',
      'share',
      'longest without holder, ms',
      'longest wait, ms',
    ],
    rows.map((row) => [
      row.situation,
      show(row.locks, 0),
      `${show(row.outOfOrder * 100, 1)} %`,
      `${show(row.overtaken * 100, 1)} %`,
      `${show(row.leastShare, 2)}–${show(row.mostShare, 2)}`,
      show(row.longestGapMs, 1),
      show(row.longestWaitMs, 0),
    ]),
  );
}
