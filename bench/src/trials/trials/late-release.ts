import { until } from 'test-kit';
import { answerOf, valueOf } from '../answer.js';
import { OTHER } from '../stage.js';
import type { Trial } from '../trial.js';

const TTL = 300;

export const lateRelease: Trial = {
  key: 'late-release',
  name: 'release after the ttl, when somebody else has the lock',
  procedure: `A lock with a ttl of ${TTL} ms expires, somebody else takes the resource, and the former holder releases.`,
  nodes: 3,
  async run(stage) {
    const locker = await stage.locker();
    const held = await valueOf('lock', () => locker.acquire('late', TTL, 'once'));
    await until('the lock has expired', async () =>
      (await stage.values('late')).every((value) => value === null),
    );
    await stage.takeAway('late');
    const answer = await answerOf(() => held.release());
    if (answer.kind === 'none') return { verdict: 'no answer' };
    const untouched = (await stage.values('late')).every((value) => value === OTHER);
    const said = answer.kind === 'value' && typeof answer.value === 'boolean';
    const result = said ? `resolves with ${String(answer.value)}` : 'resolves';
    return {
      verdict: untouched ? 'untouched' : 'deleted',
      notes: [`release ${answer.kind === 'error' ? 'rejects' : result}`],
    };
  },
};
