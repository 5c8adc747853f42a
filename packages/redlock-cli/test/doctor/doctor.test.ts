import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Deployment } from 'test-kit';
import type { Diagnosis } from '../../src/doctor/index.js';
import { type Result, Run } from '../support/in-process.js';

const PASSWORD = 'open-sesame-42';
const USER = 'alibaba';

/** Runs `redlock doctor` in this process. */
function doctor(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Result> {
  return new Run(['doctor', ...args], environment).ended;
}

function urlsOf(deployment: Deployment, credentials = ''): string {
  return deployment.nodes
    .map(({ proxy: { host, port } }) => `redis://${credentials}${host}:${port}`)
    .join(',');
}

/** So long that no standstill makes a round trip too slow. */
const TTL = ['--ttl', '10m'];

describe('the exit code', () => {
  test('is 0 for a sound set, and a note is told all the same', async () => {
    await using deployment = await Deployment.start(3);
    const { code, stdout, stderr } = await doctor(['--nodes', urlsOf(deployment), ...TTL]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^note {5}ONE_HOST +the set\n/);
    expect(stdout).toMatch(/\n3 nodes: sound, 1 note\n$/);
  });

  test('is 1 for warnings', async () => {
    await using deployment = await Deployment.start(3);
    await deployment.node(0).probe.config('SET', 'appendonly', 'no');
    const { code, stdout } = await doctor(['--nodes', urlsOf(deployment), ...TTL]);
    expect(code).toBe(1);
    expect(stdout).toContain('sound, with warnings, 1 warning, 1 note');
  });

  test('is 2 for what is unsound; the nodes may be given by the environment', async () => {
    await using deployment = await Deployment.start(3);
    await deployment.node(0).probe.config('SET', 'appendonly', 'no');
    const environment = { REDLOCK_NODES: urlsOf(deployment) };
    const { code, stdout } = await doctor([...TTL, '--quarantine', 'false'], environment);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^unsound {2}NO_PERSISTENCE/);
  });

  test.each([
    [['--ttl', 'soon'], '--ttl "soon" is no duration'],
    [['--ttl', '0'], '--ttl must be longer than 0'],
    [['--quarantine', 'maybe'], '--quarantine "maybe" is not true, false or strict'],
    [['--jsn'], 'there is no option --jsn; did you mean --json?'],
    [['invoice:42'], '"invoice:42" is one argument too many'],
  ])('is 64 for %j', async (args, message) => {
    const { code, stdout, stderr } = await doctor([...args, '--nodes', 'redis://127.0.0.1:1']);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toContain(message);
  });
});

describe('--json', () => {
  test('is one line with every field', async () => {
    await using deployment = await Deployment.start(4);
    const { code, stdout } = await doctor(['--json', '--nodes', urlsOf(deployment), ...TTL]);
    expect(code).toBe(1);
    expect(stdout.indexOf('\n')).toBe(stdout.length - 1);
    const diagnosis = JSON.parse(stdout) as Diagnosis;
    expect(Object.keys(diagnosis)).toEqual(['sound', 'findings']);
    expect(diagnosis).toMatchObject({
      sound: true,
      findings: [
        { level: 'warning', code: 'EVEN_NODES', node: null },
        { level: 'note', code: 'ONE_HOST', node: null },
      ],
    });
    for (const finding of diagnosis.findings) {
      expect(Object.keys(finding)).toEqual(['level', 'code', 'node', 'message', 'remedy']);
    }
  });
});

describe('credentials', () => {
  // ioredis warns of a user without INFO, after it has connected.
  beforeEach(() => void jest.spyOn(console, 'warn').mockReturnValue());
  afterEach(() => void jest.restoreAllMocks());

  const config = {
    requirepass: PASSWORD,
    user: `${USER} on >${PASSWORD} ~locks:* +@all -info -set`,
  };

  test.each([['--json'], ['']])('of users who may do little are not shown, %s', async (json) => {
    await using deployment = await Deployment.start(3, { config, password: PASSWORD });
    const urls = urlsOf(deployment, `${USER}:${PASSWORD}@`);
    const args = ['--prefix', 'locks:', '--nodes', urls, ...TTL, ...(json ? [json] : [])];
    const { code, stdout, stderr } = await doctor(args);
    expect(code).toBe(2);
    expect(stdout).toContain('+set');
    expect(`${stdout}${stderr}`).not.toMatch(new RegExp(`${PASSWORD}|${USER}|redis://[^U]`));
  });

  test('that are wrong are not shown', async () => {
    await using deployment = await Deployment.start(3, { config, password: PASSWORD });
    const { code, stdout, stderr } = await doctor([
      '--nodes',
      urlsOf(deployment, `${USER}:swordfish-17@`),
      ...TTL,
    ]);
    expect(code).toBe(2);
    expect(stdout).toContain('WRONG_PASSWORD');
    expect(`${stdout}${stderr}`).not.toMatch(new RegExp(`${PASSWORD}|${USER}|swordfish`));
  });
});
