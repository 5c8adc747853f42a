import { describe, expect, test } from '@jest/globals';
import { Deployment, until } from 'test-kit';
import { runToEnd, start } from './support/program.js';
import { startWatched } from './support/watched-run.js';
import { Witness } from './support/witness.js';

const LASTING = ['--ttl', '60s'];

test('the exit code is the one of the command, and the lock is free afterwards', async () => {
  await using deployment = await Deployment.start(3);
  const { code, stderr } = await runToEnd(
    deployment,
    'run',
    ...LASTING,
    'job',
    '--',
    'sh',
    '-c',
    'exit 42',
  );
  expect({ code, stderr }).toEqual({ code: 42, stderr: '' });
  expect(await deployment.isGone('job')).toBe(true);
});

test('a command that a signal has ended gives 128 + signal', async () => {
  await using deployment = await Deployment.start(3);
  const { code } = await runToEnd(deployment, 'run', 'job', '--', 'sh', '-c', 'kill -KILL $$');
  expect(code).toBe(137);
});

test.each([
  { what: 'that there is not', command: ['there-is-no-such-command'], code: 127 },
  { what: 'that cannot be executed', command: ['/'], code: 126 },
])('a command $what gives $code and one line, and the lock is free', async ({ command, code }) => {
  await using deployment = await Deployment.start(3);
  const ending = await runToEnd(deployment, 'run', ...LASTING, 'job', '--', ...command);
  expect(ending).toMatchObject({ code, stdout: '' });
  expect(ending.stderr).toMatch(/^redlock: .+\n$/);
  expect(await deployment.isGone('job')).toBe(true);
});

test('the command knows the resource and the fencing token, and no permit of a run around it', async () => {
  await using deployment = await Deployment.start(3);
  process.env['REDLOCK_PERMIT'] = '7';
  const script = 'echo $REDLOCK_RESOURCE $REDLOCK_FENCING_TOKEN ${REDLOCK_PERMIT-none}';
  const { stdout } = await runToEnd(deployment, 'run', 'a job', '--', 'sh', '-c', script);
  delete process.env['REDLOCK_PERMIT'];
  const [, token, permit] = /^a job (\d+) (\w+)\n$/.exec(stdout) ?? [];
  expect(Number(token)).toBeGreaterThan(1e15);
  expect(permit).toBe('none');
});

test('fencing tokens grow from run to run', async () => {
  await using deployment = await Deployment.start(3);
  const tokens: number[] = [];
  for (let runs = 0; runs < 3; runs++) {
    const { stdout } = await runToEnd(
      deployment,
      'run',
      'job',
      '--',
      'printenv',
      'REDLOCK_FENCING_TOKEN',
    );
    tokens.push(Number(stdout));
  }
  expect(tokens).toEqual([...new Set(tokens)].toSorted((a, b) => a - b));
});

test('arguments reach the command as they are, also those that look like options of run', async () => {
  await using deployment = await Deployment.start(3);
  const args = ['%s\n', '--help', '-n', '$HOME', 'two words', '--', ''];
  const { stdout } = await runToEnd(deployment, 'run', 'job', '--', 'printf', ...args);
  expect(stdout).toBe('--help\n-n\n$HOME\ntwo words\n--\n\n');
});

test('stdin reaches the command, byte by byte', async () => {
  await using deployment = await Deployment.start(3);
  const program = start(deployment, 'run', 'job', '--', 'cat');
  const bytes = `${'x'.repeat(100_000)}\n\u0000end`;
  program.stdin.end(bytes);
  expect((await program.ended).stdout).toBe(bytes);
});

test('stdout is the command’s alone, also with --verbose, and stays a blocking pipe', async () => {
  await using deployment = await Deployment.start(3);
  const script = 'cat /proc/self/fdinfo/1 /proc/self/fdinfo/2 2>/dev/null | grep flags; echo end';
  const { stdout, stderr } = await runToEnd(
    deployment,
    'run',
    '--verbose',
    'job',
    '--',
    'sh',
    '-c',
    script,
  );
  expect(stdout).toMatch(/^(flags:\s*0?[0-3]{1,7}\n)*end\n$/);
  expect(stderr).toContain('redlock: has the lock on job');
});

test('only one of two runs has the lock at a time, and the second one waits for it', async () => {
  await using deployment = await Deployment.start(3);
  const { program: first, witness, command: holder } = await startWatched(deployment, LASTING);
  const second = start(
    deployment,
    'run',
    '--verbose',
    ...LASTING,
    'job',
    '--',
    ...witness.command(),
  );
  await second.tells('waiting: ');
  expect(witness.count).toBe(1);
  holder.order('exit', 3);
  expect((await first.ended).code).toBe(3);
  (await witness.next()).order('exit', 4);
  expect((await second.ended).code).toBe(4);
});

describe('when others have the lock', () => {
  test.each([
    { options: ['-n'], code: 1 },
    { options: ['--no-wait', '-E', '9'], code: 9 },
    { options: ['--wait', '300ms'], code: 1 },
    { options: ['-w0'], code: 1 },
  ])('$options gives $code, says who, and does not run the command', async ({ options, code }) => {
    await using deployment = await Deployment.start(3);
    for (const probe of deployment.probes) await probe.set('job', `web-3:${'x'.repeat(21)}`);
    const ending = await runToEnd(
      deployment,
      'run',
      ...LASTING,
      ...options,
      'job',
      '--',
      'echo',
      'ran',
    );
    expect(ending).toMatchObject({ code, stdout: '' });
    expect(ending.stderr).toMatch(/^redlock: "job" is locked by web-3; .+\n$/);
  });

  test('-n -E 0 says nothing, because the user calls it no error', async () => {
    await using deployment = await Deployment.start(3);
    for (const probe of deployment.probes) await probe.set('job', 'other');
    const ending = await runToEnd(
      deployment,
      'run',
      ...LASTING,
      '-n',
      '-E',
      '0',
      'job',
      '--',
      'echo',
      'ran',
    );
    expect(ending).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });
});

test.each([[['-n']], [['--wait', '1s']]])(
  'without a quorum of nodes, %j gives 69 and a line that names them',
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

test('a run that waits for nodes that are away says so, and goes on when they are back', async () => {
  await using deployment = await Deployment.start(3);
  for (const { proxy } of deployment.nodes) proxy.refuse();
  const program = start(deployment, 'run', 'job', '--', 'echo', 'ran');
  await program.tells('of 3 nodes are away');
  await Promise.all(deployment.nodes.map(({ proxy }) => proxy.heal()));
  expect(await program.ended).toMatchObject({ code: 0, stdout: 'ran\n' });
});

test('--strict takes no lock from nodes that have restarted within the ttl', async () => {
  await using deployment = await Deployment.start(3);
  const { code, stderr } = await runToEnd(
    deployment,
    'run',
    '--strict',
    '-n',
    ...LASTING,
    'job',
    '--',
    'true',
  );
  expect(code).toBe(69);
  expect(stderr).toContain('may have forgotten who holds it');
});

test('--strict takes none from nodes that have restarted within --keep-for either', async () => {
  await using deployment = await Deployment.start(3);
  const options = ['--strict', '-n', '--keep-for', '5m'];
  const { code, stderr } = await runToEnd(deployment, 'run', ...options, 'job', '--', 'true');
  expect(code).toBe(69);
  expect(Number(/For (\d+) ms more/.exec(stderr)?.[1])).toBeGreaterThan(200_000);
});

test('--keep-for keeps others out after the command', async () => {
  await using deployment = await Deployment.start(3);
  await runToEnd(deployment, 'run', '--keep-for', '5m', 'job', '--', 'true');
  const left = await Promise.all(deployment.probes.map((probe) => probe.pttl('job')));
  expect(Math.max(...left)).toBeGreaterThan(200_000);
  const { code } = await runToEnd(deployment, 'run', '-n', ...LASTING, 'job', '--', 'true');
  expect(code).toBe(1);
});

test('--keep-for keeps nobody out if the command could not be run', async () => {
  await using deployment = await Deployment.start(3);
  await runToEnd(deployment, 'run', '--keep-for', '5m', 'job', '--', 'there-is-no-such-command');
  expect(await deployment.isGone('job')).toBe(true);
});

test('two runs with --shared are at work at the same time, without a fencing token; an exclusive one is not', async () => {
  await using deployment = await Deployment.start(3);
  const { program: first, command: reader } = await startWatched(deployment, [
    ...LASTING,
    '--shared',
  ]);
  const script = 'echo $REDLOCK_FENCING_TOKEN';
  const second = await runToEnd(
    deployment,
    'run',
    '-n',
    ...LASTING,
    '--shared',
    'job',
    '--',
    'sh',
    '-c',
    script,
  );
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

test('the lock is kept for as long as the command runs, far beyond its ttl', async () => {
  await using deployment = await Deployment.start(3);
  const { program, command } = await startWatched(deployment, ['--ttl', '6s']);
  const token = await deployment.node(0).probe.get('job');
  const begin = Date.now();
  await until('more than a ttl has passed', () => Date.now() > begin + 7000);
  expect(await deployment.values('job')).toEqual([token, token, token]);
  command.order('exit', 5);
  expect((await program.ended).code).toBe(5);
});

test('what the command has started in the background runs on when the command has ended', async () => {
  await using deployment = await Deployment.start(3);
  const { program, witness, command } = await startWatched(deployment, LASTING);
  command.order('fork');
  const background = await witness.next();
  command.order('exit', 0);
  expect((await program.ended).code).toBe(0);
  expect(await deployment.isGone('job')).toBe(true);
  expect(background.isAlive).toBe(true);
  expect(background.signals).toEqual([]);
});
