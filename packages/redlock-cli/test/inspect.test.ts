import { describe, expect, test } from '@jest/globals';
import { Deployment } from 'test-kit';
import { runToEnd, start } from './support/in-process.js';
import { Witness } from './support/witness.js';

const LASTING = ['--ttl', '60s'];
const NANOID = 'V1StGXR8_Z5jdHi6B-myT';

test('a lock that is held gives 0 and the host, process and command that has it, but no token', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  const run = start(deployment, 'run', ...LASTING, 'job', '--', ...witness.command());
  const command = await witness.next();
  const { code, stdout, stderr } = await runToEnd(deployment, 'inspect', 'job');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [first, ...rest] = stdout.trimEnd().split('\n');
  expect(first).toMatch(
    new RegExp(`^job is locked by \\S+/${process.pid} node for \\d\\d\\.\\d s$`),
  );
  expect(rest).toHaveLength(3);
  const token = (await deployment.node(0).probe.get('job')) ?? '';
  expect(stdout).not.toContain(token.slice(-21));
  command.order('exit', 0);
  await run.ended;
});

test('a lock that is free gives 1', async () => {
  await using deployment = await Deployment.start(3);
  const { code, stdout } = await runToEnd(deployment, 'inspect', 'job');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^job is free\n(  127\.0\.0\.1:\d+  free\n){3}$/);
});

test('too few nodes give 69, and each that failed says why', async () => {
  await using deployment = await Deployment.start(3);
  deployment.node(0).proxy.refuse();
  deployment.node(1).proxy.refuse();
  const { code, stdout } = await runToEnd(deployment, 'inspect', 'job');
  expect(code).toBe(69);
  expect(stdout).toMatch(/^job is unknown: 1 of 3 nodes answered/);
  expect(stdout.match(/ECONNREFUSED/g)).toHaveLength(2);
});

test('nodes that disagree give 69', async () => {
  await using deployment = await Deployment.start(3);
  await deployment.node(0).probe.set('job', 'a');
  await deployment.node(1).probe.set('job', 'b');
  const { code, stdout } = await runToEnd(deployment, 'inspect', 'job');
  expect(code).toBe(69);
  expect(stdout).toMatch(/^job is undecided/);
});

test('--json is one line with what the core says, tokens too', async () => {
  await using deployment = await Deployment.start(3);
  const token = `web-3:${NANOID}`;
  for (const probe of deployment.probes) await probe.set('job', token, 'PX', 60_000);
  const { code, stdout } = await runToEnd(deployment, 'inspect', '--json', 'job');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\{.*\}\n$/);
  expect(JSON.parse(stdout)).toMatchObject({
    resource: 'job',
    state: 'exclusive',
    holders: [{ token, owner: 'web-3', mode: 'exclusive', expiresIn: expect.any(Number) }],
    waiting: 0,
    nodes: [{ token, expiresIn: expect.any(Number) }, { token }, { token }],
  });
  expect(stdout).not.toContain('ttl');
});

test('shared holders are all named', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  const args = ['run', ...LASTING, '--shared', 'job', '--', ...witness.command()];
  const runs = [start(deployment, ...args), start(deployment, ...args)];
  const commands = [await witness.next(), await witness.next()];
  const { code, stdout } = await runToEnd(deployment, 'inspect', 'job');
  expect(code).toBe(0);
  const holder = String.raw`\S+/${process.pid} node for \d\d\.\d s`;
  expect(stdout).toMatch(new RegExp(`^job is shared by ${holder}.*, ${holder}`));
  for (const command of commands) command.order('exit', 0);
  await Promise.all(runs.map(({ ended }) => ended));
});

describe('--permits', () => {
  test('shows the permits that are held, by whom, and as JSON', async () => {
    await using deployment = await Deployment.start(3);
    const token = `web-3:${NANOID}`;
    for (const probe of deployment.probes) await probe.set('{seat}:permit:1', token, 'PX', 60_000);
    const { code, stdout } = await runToEnd(deployment, 'inspect', '--permits', '3', 'seat');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^1 of 3 permits of seat is held\n {2}1 {2}web-3 for \d\d\.\d s\n$/);
    const json = await runToEnd(deployment, 'inspect', '--permits', '3', '--json', 'seat');
    expect(JSON.parse(json.stdout)).toEqual({
      name: 'seat',
      permits: 3,
      held: 1,
      holders: [{ permit: 1, token, owner: 'web-3', expiresIn: expect.any(Number) }],
      waiting: 0,
    });
  });

  test('gives 1 if all are free, and 69 without a quorum', async () => {
    await using deployment = await Deployment.start(3);
    const args = ['inspect', '--permits', '3', 'seat'] as const;
    expect(await runToEnd(deployment, ...args)).toMatchObject({
      code: 1,
      stdout: '0 of 3 permits of seat are held\n',
    });
    deployment.node(0).proxy.refuse();
    deployment.node(1).proxy.refuse();
    expect((await runToEnd(deployment, ...args)).code).toBe(69);
  });

  test('prints nothing without a quorum, not even with --json, and logs why', async () => {
    await using deployment = await Deployment.start(3);
    deployment.node(0).proxy.refuse();
    deployment.node(1).proxy.refuse();
    for (const options of [[], ['--json']]) {
      const args = ['inspect', '--permits', '3', ...options, 'seat'];
      const { code, stdout, stderr } = await runToEnd(deployment, ...args);
      expect({ code, stdout }).toEqual({ code: 69, stdout: '' });
      expect(stderr).toMatch(/^redlock: .*ECONNREFUSED/);
    }
  });
});

test('--key-prefix is that of the programs', async () => {
  await using deployment = await Deployment.start(3);
  for (const probe of deployment.probes) await probe.set('app:job', 'other', 'PX', 60_000);
  expect((await runToEnd(deployment, 'inspect', 'job')).code).toBe(1);
  expect((await runToEnd(deployment, 'inspect', '--key-prefix', 'app:', 'job')).code).toBe(0);
});
