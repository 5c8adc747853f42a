import { describe, expect, test } from '@jest/globals';
import { Deployment } from 'test-kit';
import { type Result, runToEnd, start } from './support/in-process.js';
import { Witness } from './support/witness.js';

const TOKEN = 'web-3:V1StGXR8_Z5jdHi6B-myT';

async function hold(deployment: Deployment, key: string, token = TOKEN): Promise<void> {
  for (const probe of deployment.probes) await probe.set(key, token, 'PX', 60_000);
}

/** Runs `redlock release`. */
function release(deployment: Deployment, ...args: readonly string[]): Promise<Result> {
  return runToEnd(deployment, 'release', ...args);
}

describe('the exit code is 0 and the key is free', () => {
  test('with --force, which shows who held the lock, but no token', async () => {
    await using deployment = await Deployment.start(3);
    await hold(deployment, 'job');
    const { code, stdout, stderr } = await release(deployment, '--force', 'job');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^released job, which was held by web-3 for \d\d\.\d s\n$/);
    expect(await deployment.isGone('job')).toBe(true);
  });

  test('with the token of the lock, and with its key prefix', async () => {
    await using deployment = await Deployment.start(3);
    await hold(deployment, 'app:job');
    const args = ['--token', TOKEN, '--key-prefix', 'app:', 'job'];
    expect((await release(deployment, ...args)).code).toBe(0);
    expect(await deployment.isGone('app:job')).toBe(true);
  });

  test.each([['--force'], [`--token=${TOKEN}`]])('for one permit, with %s', async (option) => {
    await using deployment = await Deployment.start(3);
    await hold(deployment, '{seat}:permit:0');
    await hold(deployment, '{seat}:permit:2');
    const { code, stdout } = await release(deployment, option, '--permit', '2', 'seat');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^released permit 2 of seat, which was held by web-3 /);
    expect(await deployment.isGone('{seat}:permit:2')).toBe(true);
    expect(await deployment.values('{seat}:permit:0')).toEqual([TOKEN, TOKEN, TOKEN]);
  });
});

test('a holder that still runs is fenced off and loses the lock', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  const run = start(deployment, 'run', '--ttl', '6s', 'job', '--', ...witness.command());
  await witness.next();
  const before = Number(await deployment.node(0).probe.get('{job}:fencing'));
  expect((await release(deployment, '--force', 'job')).code).toBe(0);
  expect(Number(await deployment.node(0).probe.get('{job}:fencing'))).toBeGreaterThan(before);
  expect((await run.ended).code).toBe(75);
});

describe('the exit code is 1', () => {
  test.each([
    ['--force', 'job'],
    ['--force', '--permit', '1', 'job'],
    ['--token', TOKEN, 'job'],
  ])('if the lock is not held, with %j', async (...args) => {
    await using deployment = await Deployment.start(3);
    await hold(deployment, '{job}:permit:0');
    const { code, stdout, stderr } = await release(deployment, ...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^redlock: cannot release .*job: it is not held\.\n$/);
  });

  test('if it is held with another token, which stays', async () => {
    await using deployment = await Deployment.start(3);
    await hold(deployment, 'job');
    const { code, stderr } = await release(deployment, '--token', `x${TOKEN}`, 'job');
    expect(code).toBe(1);
    expect(stderr).toMatch(/it is held with another token, by web-3 for/);
    expect(await deployment.values('job')).toEqual([TOKEN, TOKEN, TOKEN]);
  });
});

describe('the exit code is 69 and nothing changes', () => {
  test('without a quorum of nodes', async () => {
    await using deployment = await Deployment.start(3);
    await hold(deployment, 'job');
    deployment.node(0).proxy.refuse();
    deployment.node(1).proxy.refuse();
    const { code, stderr } = await release(deployment, '--force', 'job');
    expect(code).toBe(69);
    expect(stderr).toContain('too few nodes answered');
    expect((await release(deployment, '--force', '--permit', '1', 'job')).code).toBe(69);
    expect(await deployment.values('job')).toEqual([TOKEN, TOKEN, TOKEN]);
  });

  test('if the nodes disagree', async () => {
    await using deployment = await Deployment.start(3);
    await deployment.node(0).probe.set('job', 'a', 'PX', 60_000);
    await deployment.node(1).probe.set('job', 'b', 'PX', 60_000);
    const { code, stderr } = await release(deployment, '--force', 'job');
    expect(code).toBe(69);
    expect(stderr).toContain('the nodes disagree');
    expect(await deployment.values('job')).toEqual(['a', 'b', null]);
  });

  test('if the lock is shared', async () => {
    await using deployment = await Deployment.start(3);
    await using witness = await Witness.start();
    const options = ['--ttl', '60s', '--shared', 'job', '--'];
    const run = start(deployment, 'run', ...options, ...witness.command());
    const command = await witness.next();
    const { code, stderr } = await release(deployment, '--force', 'job');
    expect(code).toBe(69);
    expect(stderr).toContain('held in shared mode');
    command.order('exit', 0);
    expect((await run.ended).code).toBe(0);
  });

  test('if the key holds a value without expiry', async () => {
    await using deployment = await Deployment.start(3);
    for (const probe of deployment.probes) await probe.set('job', 'data');
    const { code, stderr } = await release(deployment, '--force', 'job');
    expect(code).toBe(69);
    expect(stderr).toContain('a value without expiry');
    expect(await deployment.values('job')).toEqual(['data', 'data', 'data']);
  });
});
