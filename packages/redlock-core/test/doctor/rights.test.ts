import { expect, test } from '@jest/globals';
import { Deployment, openClient } from 'test-kit';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { documentedRights } from '../../../../test/conformance/test/support/documented-rights.js';
import { type Diagnosis, diagnose } from 'redlock-core/doctor';
import { brief, patient, summaries } from './support/fleet.js';
import { diagnosed } from './support/restricted-user.js';

const PURPOSES = ['lock', 'fencing', 'quarantine', 'waiting', 'sharing'] as const;
const ALL = await documentedRights(...PURPOSES);

function rightsIn(diagnosis: Diagnosis): string[] {
  return summaries(diagnosis).filter(
    (each) => each.includes('PERMISSION') || each.includes('QUORUM'),
  );
}

test('a user with the rights of SECURITY.md lacks none', async () => {
  expect(rightsIn(await diagnosed(ALL))).toEqual([]);
});

test.each([['{app}:'], ['a*b[c]?']])(
  'a user with rights to keys that begin with %j lacks none',
  async (keyPrefix) => {
    const escaped = keyPrefix.replaceAll(/[*?[\]]/g, String.raw`\$&`);
    const keys = keyPrefix.includes('{')
      ? ['fencing', 'waiting', 'shared'].map((helper) => `~${escaped}*::${helper}`)
      : ['fencing', 'waiting', 'shared'].map((helper) => `~{${escaped}*}:${helper}`);
    const commands = ALL.filter((right) => right.startsWith('+'));
    const rights = [...commands, `~${escaped}*`, ...keys, '&redlock:notify:*'];
    expect(rightsIn(await diagnosed(rights, { keyPrefix }))).toEqual([]);
  },
);

test('a user with rights to all keys lacks none, and may be given no others', async () => {
  const commands = ALL.filter((right) => right.startsWith('+'));
  expect(rightsIn(await diagnosed([...commands, '~*', '&*'], { keyPrefix: '' }))).toEqual([]);
  const { findings } = await diagnosed(commands, { ...brief, keyPrefix: '' });
  expect(findings.map(({ fix }) => fix).join(' ')).not.toContain('{');
});

test("a user with rights to keys behind the client's own prefix lacks none", async () => {
  const rights = ALL.map((right) => right.replace(/^~\{?/, (start) => `~app:${start.slice(1)}`));
  expect(rights).toContain('~app:{locks:*}:fencing');
  expect(rightsIn(await diagnosed(rights, {}, { keyPrefix: 'app:' }))).toEqual([]);
});

test('rights to keys that the prefix does not begin are a finding', async () => {
  const { findings } = await diagnosed(ALL, { keyPrefix: '' });
  const found = findings.find(({ code }) => code === 'MISSING_PERMISSION_LOCK');
  expect(found?.message).toContain('lacks ~*:');
  expect(found?.fix).toContain('--key-prefix');
});

test('a user who may do nothing leaves no quorum, and each use is named', async () => {
  const diagnosis = await diagnosed(['+ping', '+time']);
  expect(rightsIn(diagnosis)).toEqual([
    'error NO_QUORUM',
    'warning MISSING_PERMISSION_LOCK node',
    'warning MISSING_PERMISSION_FENCING node',
    'warning MISSING_PERMISSION_QUARANTINE node',
    'warning MISSING_PERMISSION_WAITING node',
    'warning MISSING_PERMISSION_SHARING node',
  ]);
});

test('a right for fencing is not missed if fencing is off', async () => {
  const rights = await documentedRights('lock', 'quarantine', 'waiting', 'sharing');
  const commands = rights.filter((right) => right !== '~{locks:*}:fencing');
  expect(rightsIn(await diagnosed(commands, { fencing: false }))).toEqual([]);
});

test('a right for quarantine is not missed if that is off', async () => {
  const rights = ALL.filter((right) => right !== '+info');
  const diagnosis = await diagnosed(rights, { quarantine: false });
  expect(rightsIn(diagnosis)).toEqual([]);
  expect(summaries(diagnosis)).toContain('info NOT_CHECKED node');
});

test('without rights for waiting alone, a lock can be had', async () => {
  const rights = await documentedRights('lock', 'fencing', 'quarantine');
  expect(rightsIn(await diagnosed(rights, brief))).toEqual([
    'warning MISSING_PERMISSION_WAITING node',
    'warning MISSING_PERMISSION_SHARING node',
  ]);
});

test('a command that the server does not have is a right that nobody has', async () => {
  await using deployment = await Deployment.start(1, {
    config: { 'rename-command': 'PUBLISH ""' },
  });
  const { host, port } = deployment.node(0).proxy;
  const node = ioredisNode(deployment.own(openClient(6, { host, port })), { name: 'node' });
  const diagnosis = await diagnose([node], patient);
  expect(rightsIn(diagnosis)).toEqual(['warning MISSING_PERMISSION_WAITING node']);
  expect(diagnosis.findings[0]?.message).toContain('+publish');
});

test('a server without EVAL runs no Lua, which is found instead of missing rights', async () => {
  await using deployment = await Deployment.start(1, { config: { 'rename-command': 'EVAL ""' } });
  const { host, port } = deployment.node(0).proxy;
  const node = ioredisNode(deployment.own(openClient(6, { host, port })), { name: 'node' });
  const found = summaries(await diagnose([node], patient));
  expect(found).toEqual(['error NO_QUORUM', 'warning NO_LUA node', 'warning FEW_NODES']);
});
