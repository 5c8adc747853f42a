import { describe, expect, test } from '@jest/globals';
import { Deployment, until } from 'test-kit';
import { start } from './support/program.js';
import { startWatched } from './support/watched-run.js';
import { Witness } from './support/witness.js';

const LASTING = ['--ttl', '60s'];

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)('%s', (signal) => {
  test('goes on to the whole group of the command, once, and the run ends with the command', async () => {
    await using deployment = await Deployment.start(3);
    const { program, witness, command } = await startWatched(deployment, LASTING);
    command.order('fork');
    const background = await witness.next();
    program.kill(signal);
    await Promise.all([command.got(signal), background.got(signal)]);
    expect(program.hasEnded).toBe(false);
    command.order('exit', 12);
    expect((await program.ended).code).toBe(12);
    expect([command.signals, background.signals]).toEqual([[signal], [signal]]);
  });

  test('ends the waiting with 128 + its number, and the waiter leaves nothing behind', async () => {
    await using deployment = await Deployment.start(3);
    for (const probe of deployment.probes) await probe.set('job', 'other');
    const program = start(deployment, 'run', '--verbose', ...LASTING, 'job', '--', 'echo', 'ran');
    await program.tells('waiting: ');
    program.kill(signal);
    const numbers = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 };
    expect(await program.ended).toMatchObject({ code: 128 + numbers[signal], stdout: '' });
    await until('nobody waits', async () => {
      const queues = deployment.probes.map((probe) => probe.exists('{job}:waiting'));
      return (await Promise.all(queues)).every((exists) => exists === 0);
    });
  });
});

test('a signal that the command dies of gives 128 + its number', async () => {
  await using deployment = await Deployment.start(3);
  await using witness = await Witness.start();
  const program = start(deployment, 'run', ...LASTING, 'job', '--', ...witness.command());
  (await witness.next()).order('end', 'SIGTERM');
  expect((await program.ended).code).toBe(143);
  expect(await deployment.isGone('job')).toBe(true);
});

test('a command that ignores SIGTERM keeps its lock', async () => {
  await using deployment = await Deployment.start(3);
  const { program, command } = await startWatched(deployment, ['--ttl', '6s']);
  program.kill('SIGTERM');
  await command.got('SIGTERM');
  const begin = Date.now();
  await until('more than a ttl has passed', () => Date.now() > begin + 7000);
  expect(command.isAlive).toBe(true);
  expect(await deployment.node(0).probe.get('job')).not.toBeNull();
  command.order('exit', 0);
  expect((await program.ended).code).toBe(0);
});
