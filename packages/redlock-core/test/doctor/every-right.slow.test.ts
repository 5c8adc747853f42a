import { expect, test } from '@jest/globals';
import { documentedRights } from '../../../../test/conformance/test/support/documented-rights.js';
import { brief } from './support/fleet.js';
import { diagnosed } from './support/restricted-user.js';

const ALL = await documentedRights('lock', 'fencing', 'quarantine', 'waiting', 'sharing');

test.each(ALL)('a user without %s gets a finding whose fix gives that right', async (right) => {
  const others = ALL.filter((each) => each !== right);
  const { findings } = await diagnosed(others, brief);
  const found = findings.filter(({ message }) => message.startsWith('the user lacks'));
  expect(found.length).toBeGreaterThan(0);
  for (const { message, fix } of found) {
    expect(message).toContain(`lacks ${right}: `);
    expect(fix).toBe(`ACL SETUSER (user) ${right}`);
  }
});
