import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Deployment, pace, SelfSigned } from 'test-kit';

const PROGRAM = fileURLToPath(new URL('programs/url-user.js', import.meta.url));

let tls: SelfSigned;

beforeAll(async () => {
  tls = await SelfSigned.make();
});

afterAll(async () => {
  await tls[Symbol.asyncDispose]();
});

test('a node made of a rediss:// URL takes its user, password and database over TLS', async () => {
  await using deployment = await startWithTls();
  const { probe } = deployment.node(0);
  await probe.call('ACL', 'SETUSER', 'locker', 'on', '>s%cret', '~*', '&*', '+@all');
  const result = await useUrl('/3', { NODE_EXTRA_CA_CERTS: tls.certificate });
  expect(result).toMatchObject({
    token: expect.any(String),
    name: expect.stringMatching(/^localhost:\d+$/),
  });
  await probe.select(3);
  expect(await probe.get('over TLS')).toBe(result['token']);
});

test('a certificate that nobody vouches for is a failure of the node, which shows no credentials', async () => {
  await using deployment = await startWithTls();
  const result = await useUrl('', {}, pace.brief);
  expect(await deployment.values('over TLS')).toEqual([null]);
  expect(result).toMatchObject({
    code: 'QUORUM_UNAVAILABLE',
    votes: [{ error: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } }],
  });
  expect(JSON.stringify(result)).not.toMatch(/locker|cret/);
});

async function startWithTls(): Promise<Deployment> {
  return Deployment.start(1, { config: tls.config });
}

/** In a process of its own, for whom Node trusts is decided when it starts. */
async function useUrl(
  path: string,
  environment: Readonly<Record<string, string>>,
  nodeTimeout: number = pace.patient,
): Promise<Record<string, unknown>> {
  const url = `rediss://locker:${encodeURIComponent('s%cret')}@localhost:${tls.port}${path}`;
  const child = spawn(process.execPath, [PROGRAM, url, String(nodeTimeout)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const [line] = await once(child.stdout, 'data');
  if (child.exitCode === null) await once(child, 'exit');
  return JSON.parse(String(line)) as Record<string, unknown>;
}
