import { describe, expect, test } from '@jest/globals';
import { Deployment, until } from 'test-kit';
import { Run, runToEnd, start } from './support/in-process.js';
import { urlsOf } from './support/program.js';
import { Witness } from './support/witness.js';

const LASTING = ['--ttl', '60s'];
const SIGNALS = [
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGQUIT', 131],
  ['SIGUSR1', 138],
  ['SIGUSR2', 140],
  ['SIGTERM', 143],
] as const;

describe('the exit code is', () => {
  test.each([
    { what: 'the one of the command', command: ['sh', '-c', 'exit 42'], code: 42 },
    { what: '128 + the signal that ended it', command: ['sh', '-c', 'kill -9 $$'], code: 137 },
    { what: '127 if there is no such command', command: ['there-is-no-such-command'], code: 127 },
    { what: '126 if it cannot be executed', command: ['/'], code: 126 },
  ])('$what, and the lock is free', async ({ command, code }) => {
    await using deployment = await Deployment.start(3);
    const ending = await runToEnd(deployment, 'run', ...LASTING, 'job', '--', ...command);
    expect(ending).toMatchObject({ code, stdout: '' });
    expect(ending.stderr).toMatch(code === 126 || code === 127 ? /^redlock: .+\n$/ : /^$/);
    expect(await deployment.isGone('job')).toBe(true);
  });

  test.each([
    { options: ['-n'], code: 1 },
    { options: ['--nonblock', '--conflict-exit-code', '9'], code: 9 },
    { options: ['--wait', '300ms'], code: 1 },
    { options: ['-w0'], code: 1 },
  ])('$code if others have the lock, with $options and one line', async ({ options, code }) => {
    await using deployment = await Deployment.start(3);
    for (const probe of deployment.probes) await probe.set('job', `web-3:${'x'.repeat(21)}`);
    const args = [...LASTING, ...options, 'job', '--', 'echo', 'ran'];
    const ending = await runToEnd(deployment, 'run', ...args);
    expect(ending).toMatchObject({ code, stdout: '' });
    expect(ending.stderr).toMatch(/^redlock: Cannot lock "job": locked by web-3\. .+\n$/);
  });

  test('0 without a line if others have the lock, with -n -E 0', async () => {
    await using deployment = await Deployment.start(3);
    for (const probe of deployment.probes) await probe.set('job', 'other');
    const args = [...LASTING, '-n', '-E', '0', 'job', '--', 'echo', 'ran'];
    expect(await runToEnd(deployment, 'run', ...args)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test.each([[['-n']], [['--wait', '1s']]])(
    '69 without a quorum of nodes, with %j and a line that names them',
    async (options) => {
      await using deployment = await Deployment.start(3);
      deployment.node(0).proxy.refuse();
      deployment.node(1).proxy.refuse();
      const { code, stderr } = await runToEnd(deployment, 'run', ...options, 'job', '--', 'true');
      expect(code).toBe(69);
      const lines = stderr.trimEnd().split('\n');
      expect(lines.at(-1)).toContain(`127.0.0.1:${deployment.node(0).proxy.port} failed`);
      if (options[0] === '-n') expect(lines).toHaveLength(1);
    },
  );

  test.each<{ what: string; config: Record<string, string>; login: string; message: RegExp }>([
    {
      what: 'a wrong password',
      config: { requirepass: 'open-sesame' },
      login: 'u:hunter2@',
      message: /WRONGPASS/,
    },
    {
      what: 'missing rights',
      config: { user: 'u on >hunter2 ~* &* +@all -set' },
      login: 'u:hunter2@',
      message: /NOPERM/,
    },
    {
      what: 'servers without Lua',
      config: { 'rename-command': 'EVAL ""' },
      login: '',
      message: /runs no Lua scripts/,
    },
  ])('69 at once for $what on most nodes, although it may wait', async (given) => {
    const { config, login, message } = given;
    await using bad = await Deployment.start(2, { config, password: config['requirepass'] ?? '' });
    await using good = await Deployment.start(1);
    const nodes = `${urlsOf(good)},${urlsOf(bad).replaceAll('//', `//${login}`)}`;
    const args = ['run', '--wait', '1h', '--nodes', nodes, 'job', '--', 'echo', 'ran'];
    const { code, stdout, stderr } = await new Run(args, {}).ended;
    expect({ code, stdout }).toEqual({ code: 69, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('hunter2');
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('69 at once if most host names do not resolve', async () => {
    await using deployment = await Deployment.start(1);
    const nodes = `${urlsOf(deployment)},redis://a.invalid,redis://b.invalid`;
    const args = ['run', '--nodes', nodes, 'job', '--', 'echo', 'ran'];
    const { code, stderr } = await new Run(args, {}).ended;
    expect(code).toBe(69);
    expect(stderr).toMatch(/a\.invalid.*ENOTFOUND/);
  });

  test('that of the command, after it has waited, if only a minority of nodes rejects the password', async () => {
    await using bad = await Deployment.start(1, {
      config: { requirepass: 'open-sesame' },
      password: 'open-sesame',
    });
    await using good = await Deployment.start(2);
    for (const probe of good.probes) await probe.set('job', 'other', 'PX', 60_000);
    const nodes = `${urlsOf(bad)},${urlsOf(good)}`;
    const args = ['run', '--verbose', '--nodes', nodes, 'job', '--', 'sh', '-c', 'exit 7'];
    const run = new Run(args, {});
    await run.logs('waiting: locked by ');
    await run.logs('NOAUTH');
    for (const probe of good.probes) await probe.del('job');
    expect((await run.ended).code).toBe(7);
  });

  test.each(SIGNALS)('128 + its number if %s ends the waiting', async (signal, code) => {
    await using deployment = await Deployment.start(3);
    for (const probe of deployment.probes) await probe.set('job', 'other');
    const run = start(deployment, 'run', '--verbose', ...LASTING, 'job', '--', 'echo', 'ran');
    await run.logs('waiting: locked by ');
    run.kill(signal);
    expect(await run.ended).toMatchObject({ code, stdout: '' });
    await until('no process is queued', async () => {
      const queues = deployment.probes.map((probe) => probe.exists('{job}:waiting'));
      return (await Promise.all(queues)).every((exists) => exists === 0);
    });
  });
});

test('the command gets the resource and the fencing token, but no permit of a run around it, and no URLs of nodes', async () => {
  await using deployment = await Deployment.start(3);
  const script =
    'echo $REDLOCK_RESOURCE $REDLOCK_FENCING_TOKEN ${REDLOCK_PERMIT-none}${REDLOCK_NODES-}';
  const outer = { REDLOCK_NODES: urlsOf(deployment), REDLOCK_PERMIT: '7' };
  const { stdout } = await new Run(['run', 'a job', '--', 'sh', '-c', script], outer).ended;
  const [, token, permit] = /^a job (\d+) (\w+)\n$/.exec(stdout) ?? [];
  expect(Number(token)).toBeGreaterThan(1e15);
  expect(permit).toBe('none');
});

test('arguments reach the command as they are, also those that look like options of run', async () => {
  await using deployment = await Deployment.start(3);
  const args = ['%s\n', '--help', '-n', '$HOME', 'two words', '--', ''];
  const { stdout } = await runToEnd(deployment, 'run', 'job', '--', 'printf', ...args);
  expect(stdout).toBe('--help\n-n\n$HOME\ntwo words\n--\n\n');
});

test('only one of two runs has the lock at a time, and the second one waits for it', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  const args = ['run', '--verbose', ...LASTING, 'job', '--', ...witness.command()];
  const first = start(deployment, ...args);
  const holder = await witness.next();
  const second = start(deployment, ...args);
  await second.logs('waiting: locked by ');
  expect(witness.count).toBe(1);
  holder.order('exit', 3);
  expect((await first.ended).code).toBe(3);
  (await witness.next()).order('exit', 4);
  expect((await second.ended).code).toBe(4);
});

test('a run that waits for unreachable nodes logs that, and continues when they are reachable', async () => {
  await using deployment = await Deployment.start(3);
  for (const { proxy } of deployment.nodes) proxy.refuse();
  const run = start(deployment, 'run', 'job', '--', 'echo', 'ran');
  await run.logs('of 3 nodes failed');
  await Promise.all(deployment.nodes.map(({ proxy }) => proxy.heal()));
  expect(await run.ended).toMatchObject({ code: 0, stdout: 'ran\n' });
});

test.each([[LASTING], [['--keep-for', '1m']]])(
  '--quarantine strict takes no lock from nodes that have restarted within %j',
  async (options) => {
    await using deployment = await Deployment.start(3);
    const args = ['--quarantine', 'strict', '-n', ...options, 'job', '--', 'true'];
    const { code, stderr } = await runToEnd(deployment, 'run', ...args);
    expect(code).toBe(69);
    expect(stderr).toContain('in quarantine for another');
    expect(Number(/for another (\d+) ms/.exec(stderr)?.[1])).toBeGreaterThan(20_000);
  },
);

test('--keep-for keeps others out after the command, unless it could not be run', async () => {
  await using deployment = await Deployment.start(3);
  const args = ['run', '-n', '--keep-for', '5m', 'job', '--'];
  await runToEnd(deployment, ...args, 'there-is-no-such-command');
  expect(await deployment.isGone('job')).toBe(true);
  await runToEnd(deployment, ...args, 'true');
  const left = await Promise.all(deployment.probes.map((probe) => probe.pttl('job')));
  expect(Math.max(...left)).toBeGreaterThan(200_000);
  expect((await runToEnd(deployment, ...args, 'true')).code).toBe(1);
});

test('two runs with --shared are at work at the same time, without a fencing token; an exclusive one is not', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  const shared = ['run', '-n', ...LASTING, '--shared', 'job', '--'];
  const first = start(deployment, ...shared, ...witness.command());
  const reader = await witness.next();
  const second = await runToEnd(deployment, ...shared, 'sh', '-c', 'echo $REDLOCK_FENCING_TOKEN');
  expect(second).toMatchObject({ code: 0, stdout: '0\n' });
  const third = await runToEnd(deployment, 'run', '-n', ...LASTING, 'job', '--', 'true');
  expect(third.code).toBe(1);
  reader.order('exit', 0);
  expect((await first.ended).code).toBe(0);
});

test('--permits 2 lets two run at the same time, each with its permit, and no third one', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  const options = ['run', '-n', ...LASTING, '--permits', '2', 'seat', '--'];
  const first = start(deployment, ...options, ...witness.command());
  const seated = await witness.next();
  const second = await runToEnd(deployment, ...options, 'sh', '-c', 'echo $REDLOCK_PERMIT');
  expect(second.stdout).toMatch(/^[01]\n$/);
  const third = start(deployment, ...options, ...witness.command());
  const other = await witness.next();
  expect((await runToEnd(deployment, ...options, 'true')).code).toBe(1);
  seated.order('exit', 0);
  other.order('exit', 0);
  expect([(await first.ended).code, (await third.ended).code]).toEqual([0, 0]);
});

test('the lock is extended while the command runs', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  const { probe } = deployment.node(0);
  const run = start(deployment, 'run', '--ttl', '6s', 'job', '--', ...witness.command());
  const command = await witness.next();
  let left = Infinity;
  await until('a key expires later than before', async () => {
    const before = left;
    left = await probe.pttl('job');
    return left > before;
  });
  command.order('exit', 5);
  expect((await run.ended).code).toBe(5);
});

test('a lock that was taken away on the nodes is lost at once: the command is killed, and the code is 75', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  const run = start(deployment, 'run', '--ttl', '6s', 'job', '--', ...witness.command());
  const command = await witness.next();
  for (const probe of deployment.probes) await probe.set('job', 'thief', 'PX', 60_000);
  const { code, stderr } = await run.ended;
  expect(code).toBe(75);
  expect(stderr).toBe('redlock: lost the lock: killed the command.\n');
  await command.died;
  expect(command.signals).toEqual([]);
  expect(await deployment.values('job')).toEqual(['thief', 'thief', 'thief']);
});

test('--steal takes the lock from its holder at once, and runs the command', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  const args = ['run', '--ttl', '6s', 'job', '--', ...witness.command()];
  const first = start(deployment, ...args);
  await witness.next();
  const steal = ['run', '--steal', ...LASTING, 'job', '--', 'sh', '-c', 'exit 7'];
  expect((await runToEnd(deployment, ...steal)).code).toBe(7);
  expect((await first.ended).code).toBe(75);
});

test('--key-prefix and --owner are visible on the nodes', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  const options = [...LASTING, '--key-prefix', 'app:', '--owner', 'web-3'];
  const run = start(deployment, 'run', ...options, 'job', '--', ...witness.command());
  const command = await witness.next();
  expect(await deployment.node(0).probe.get('app:job')).toMatch(/^web-3:/);
  command.order('exit', 0);
  expect((await run.ended).code).toBe(0);
});
