import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Deployment, freePort, giveBackPort, pace } from 'testbed';

const PROGRAM = fileURLToPath(new URL('programs/url-user.js', import.meta.url));
const run = promisify(execFile);

let directory: string;
let certificate: string;
let key: string;
let port: number;

beforeAll(async () => {
  port = await freePort();
  directory = await mkdtemp(join(tmpdir(), 'redlock-tls-'));
  certificate = join(directory, 'certificate.pem');
  key = join(directory, 'key.pem');
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  await run('openssl', ['req', '-x509', ...curve, ...names, '-keyout', key, '-out', certificate]);
});

afterAll(async () => {
  giveBackPort(port);
  await rm(directory, { recursive: true, force: true });
});

test('a node made of a rediss:// URL takes its user, password and database over TLS', async () => {
  await using deployment = await startWithTls();
  const { probe } = deployment.node(0);
  await probe.call('ACL', 'SETUSER', 'locker', 'on', '>s%cret', '~*', '&*', '+@all');
  const result = await useUrl('/3', { NODE_EXTRA_CA_CERTS: certificate });
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
  return Deployment.start(1, {
    config: {
      'tls-port': String(port),
      'tls-cert-file': certificate,
      'tls-key-file': key,
      'tls-ca-cert-file': certificate,
      'tls-auth-clients': 'no',
    },
  });
}

/** In a process of its own, for whom Node trusts is decided when it starts. */
async function useUrl(
  path: string,
  environment: Readonly<Record<string, string>>,
  nodeTimeout: number = pace.patient,
): Promise<Record<string, unknown>> {
  const url = `rediss://locker:${encodeURIComponent('s%cret')}@localhost:${port}${path}`;
  const child = spawn(process.execPath, [PROGRAM, url, String(nodeTimeout)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const [line] = await once(child.stdout, 'data');
  if (child.exitCode === null) await once(child, 'exit');
  return JSON.parse(String(line)) as Record<string, unknown>;
}
