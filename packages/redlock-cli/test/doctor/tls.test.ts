import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ioredisNodeFromUrl } from 'redlock-ioredis-adapter';
import { Deployment, freePort, giveBackPort } from 'testbed';
import { diagnose } from '../../src/doctor/index.js';
import { brief, nodesOf, told } from './support/fleet.js';

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

test('a certificate that nobody vouches for is found, and the remedy says whom to trust', async () => {
  await using deployment = await Deployment.start(2);
  await using secure = await Deployment.start(1, {
    config: {
      'tls-port': String(port),
      'tls-cert-file': certificate,
      'tls-key-file': key,
      'tls-ca-cert-file': certificate,
      'tls-auth-clients': 'no',
    },
  });
  expect(secure.nodes).toHaveLength(1);
  const node = ioredisNodeFromUrl(`rediss://locker:s%25cret@localhost:${port}`);
  const diagnosis = await diagnose([...nodesOf(deployment), node], brief);
  await node.close?.();
  expect(told(diagnosis)).toEqual([`warning TLS_FAILED localhost:${port}`]);
  expect(diagnosis.findings[0]?.message).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
  expect(diagnosis.findings[0]?.remedy).toContain('NODE_EXTRA_CA_CERTS');
  expect(JSON.stringify(diagnosis)).not.toMatch(/locker|cret@/);
});
