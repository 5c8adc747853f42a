import { inspect } from 'node:util';
import { answerOf, valueOf } from '../answer.js';
import type { Trial } from '../trial.js';

const PASSWORD = 'a-secret-of-the-nodes';

export const password: Trial = {
  key: 'password',
  name: "the nodes' password in what a program prints",
  procedure:
    'The nodes want a password, and two of three refuse connections (clients with `commandTimeout: 500`). Printed with `util.inspect`, as `console.log` prints and again with `depth: Infinity`: a lock, and the error of a call that tries once.',
  nodes: 3,
  servers: { config: { requirepass: PASSWORD }, password: PASSWORD },
  async run(stage) {
    const options = { password: PASSWORD, commandTimeout: 500 };
    const locker = await stage.locker(stage.proxies, options);
    const held = await valueOf('lock', () => locker.acquire('printed', 10_000, 'once'));
    for (const { proxy } of stage.deployment.nodes.slice(0, 2)) proxy.refuse();
    const answer = await answerOf(() => locker.acquire('refused', 10_000, 'once'));
    if (answer.kind !== 'error') return { verdict: 'no answer' };
    const notes = [`lock: ${exposure(held.lock)}`, `error: ${exposure(answer.error)}`];
    return { verdict: notes.some((note) => !note.endsWith('never')) ? 'shown' : 'hidden', notes };
  },
};

function exposure(value: unknown): string {
  if (inspect(value).includes(PASSWORD)) return 'by console.log';
  return inspect(value, { depth: Infinity }).includes(PASSWORD) ? 'at full depth' : 'never';
}
