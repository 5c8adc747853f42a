import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Deployment } from 'test-kit';
import type { Diagnosis, DoctorFinding } from 'redlock-core/doctor';
import { reportOf } from '../src/doctor.js';
import { type Result, Run } from './support/in-process.js';

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
  test('is 0 without problems, also if there is an info', async () => {
    await using deployment = await Deployment.start(3);
    const { code, stdout, stderr } = await doctor(['--nodes', urlsOf(deployment), ...TTL]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^info {5}SHARED_HOST +all nodes\n/);
    expect(stdout).toMatch(/\n3 nodes: 1 info\n$/);
  });

  test('is 1 for warnings', async () => {
    await using deployment = await Deployment.start(3);
    await deployment.node(0).probe.config('SET', 'appendonly', 'no');
    const { code, stdout } = await doctor(['--nodes', urlsOf(deployment), ...TTL]);
    expect(code).toBe(1);
    expect(stdout).toContain('3 nodes: 1 warning, 1 info');
  });

  test('is 2 for errors; the nodes may be given by the environment', async () => {
    await using deployment = await Deployment.start(3);
    await deployment.node(0).probe.config('SET', 'appendonly', 'no');
    const environment = { REDLOCK_NODES: urlsOf(deployment) };
    const { code, stdout } = await doctor([...TTL, '--quarantine', 'false'], environment);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^error {4}NO_PERSISTENCE/);
  });

  test.each([
    [['--ttl', 'soon'], 'invalid --ttl "soon"'],
    [['--ttl', '0'], '--ttl must be greater than 0.'],
    [['--quarantine', 'maybe'], 'invalid --quarantine "maybe". Use true, false or strict.'],
    [['--jsn'], "Unknown option '--jsn'. See redlock help."],
    [['invoice:42'], 'unexpected argument "invoice:42"'],
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
    expect(Object.keys(diagnosis)).toEqual(['ok', 'findings']);
    expect(diagnosis).toMatchObject({
      ok: true,
      findings: [
        { level: 'warning', code: 'EVEN_NODES', node: null },
        { level: 'info', code: 'SHARED_HOST', node: null },
      ],
    });
    for (const finding of diagnosis.findings) {
      expect(Object.keys(finding)).toEqual(['level', 'code', 'node', 'message', 'fix']);
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
    const args = ['--key-prefix', 'locks:', '--nodes', urls, ...TTL, ...(json ? [json] : [])];
    const { code, stdout, stderr } = await doctor(args);
    expect(code).toBe(2);
    expect(stdout).toContain('+set');
    expect(`${stdout}${stderr}`).not.toMatch(new RegExp(`${PASSWORD}|${USER}|redis://[^U]`));
  });
});

test('--key-prefix, --quarantine and --ttl are those of the programs', async () => {
  await using deployment = await Deployment.start(3, { config: { appendonly: 'no' } });
  const args = ['--json', '--quarantine', 'strict', '--ttl', '7m', '--key-prefix', 'app:'];
  const { stdout } = await doctor([...args, '--nodes', urlsOf(deployment)]);
  const { findings } = JSON.parse(stdout) as Diagnosis;
  const found = findings.find(({ code }) => code === 'NO_PERSISTENCE');
  expect(found).toMatchObject({ level: 'info', node: null });
  expect(found?.message).toContain('420000 ms');
});

const finding: DoctorFinding = {
  level: 'info',
  code: 'SHARED_HOST',
  node: null,
  message: 'word '.repeat(60).trim(),
  fix: `ACL SETUSER ${'+zrange '.repeat(40).trim()}`,
};

/** The report without colors. */
function report(...findings: readonly DoctorFinding[]): string {
  return reportOf({ ok: true, findings }, 3, { paint: (_, text) => text });
}

test('no line of a report is longer than 100 columns, except for a word that is', () => {
  const node = 'a-host-with-a-name.example.com:6379';
  const lines = report(finding, { ...finding, node, code: 'EVICTION' }).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(lines).toContain(`  fix: ACL SETUSER ${'+zrange '.repeat(10).trim()}`);
  expect(report({ ...finding, message: `a ${'x'.repeat(200)} b` })).toContain(
    `\n  a\n  ${'x'.repeat(200)}\n  b\n`,
  );
});

test('a report colors the level and nothing else', () => {
  const findings = [{ ...finding, level: 'error' } as const, finding];
  const painted = reportOf({ ok: false, findings }, 3, {
    paint: (format, text) => `${String(format)}(${text})`,
  });
  expect(painted).toMatch(/^red\(error {2}\) {2}SHARED_HOST/);
  expect(painted).toContain('\ncyan(info   )  SHARED_HOST');
});

test('a report ends with the number of findings of each level', () => {
  expect(report()).toBe('3 nodes: ok\n');
  const warning = { ...finding, level: 'warning' } as const;
  const counts = report({ ...finding, level: 'error' }, warning, warning, finding, finding);
  expect(counts).toMatch(/\n\n3 nodes: 1 error, 2 warnings, 2 info\n$/);
});
