import { expect, test } from '@jest/globals';
import { Redlock } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { ownerOf } from '../src/run/settings.js';

test.each(['/srv/report.sh', 'backup:daily', 'größe', 'x'.repeat(100), 'shared', ''])(
  'a command called %j gives a label that a Redlock takes',
  async (program) => {
    const owner = ownerOf(program);
    expect(owner).toContain(`/${process.pid} `);
    await new Redlock([memoryNode({ name: 'a' })], { owner }).close();
  },
);

test('a label shows the name of the command without its directory', () => {
  expect(ownerOf('/srv/jobs/report.sh')).toMatch(/ report\.sh$/);
});
