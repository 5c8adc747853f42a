import { expect, test } from '@jest/globals';
import { Deployment, SelfSigned, SentinelGroup } from 'test-kit';
import { type Result, Run } from './support/in-process.js';

/** Runs a command on the nodes, and has it print its fencing token. */
function runOn(nodes: string, ...options: readonly string[]): Promise<Result> {
  const script = 'echo $REDLOCK_FENCING_TOKEN';
  const args = ['run', '--ttl', '60s', '--wait', '20s', '--nodes', nodes, ...options, 'job'];
  return new Run([...args, '--', 'sh', '-c', script], {}).ended;
}

const SUCCESS = { code: 0, stdout: expect.stringMatching(/^\d{16}\n$/), stderr: '' };

test('a server with TLS is trusted with --ca only', async () => {
  await using tls = await SelfSigned.make();
  await using deployment = await Deployment.start(1, { config: tls.config });
  expect(deployment.nodes).toHaveLength(1);
  const url = `rediss://localhost:${tls.port}`;
  expect(await runOn(url, '--ca', tls.certificate)).toEqual(SUCCESS);
  const untrusted = await new Run(['run', '-n', '--nodes', url, 'job', '--', 'true'], {}).ended;
  expect(untrusted.code).toBe(69);
  expect(untrusted.stderr).toContain('self-signed certificate');
});

test('a Sentinel group is one node', async () => {
  await using group = await SentinelGroup.start();
  const hosts = group.sentinels.map(({ host, port }) => `${host}:${port}`).join(',');
  const url = `redis+sentinel://${hosts}/${group.name}`;
  expect(await runOn(url)).toEqual(SUCCESS);
  const { stdout } = await new Run(['inspect', '--nodes', url, 'job'], {}).ended;
  expect(stdout).toMatch(new RegExp(String.raw`\n  127\.0\.0\.1:\d+/${group.name}  free\n$`));
});

test('a Cluster is one node, on which a lock can be inspected and released', async () => {
  await using deployment = await Deployment.start(1);
  const cluster = await deployment.cluster();
  const hosts = cluster.servers.map(({ host, port }) => `${host}:${port}`).join(',');
  const url = `redis+cluster://${hosts}`;
  expect(await runOn(url)).toEqual(SUCCESS);
  expect(await runOn(url, '--keep-for', '1h')).toEqual(SUCCESS);
  const release = await new Run(['release', '--force', '--nodes', url, 'job'], {}).ended;
  expect(release).toMatchObject({ code: 0, stderr: '' });
  expect(await runOn(url)).toEqual(SUCCESS);
});
