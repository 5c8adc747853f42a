import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ioredisNodeFromUrl } from 'redlock-ioredis-adapter';
import { Deployment, SelfSigned } from 'test-kit';
import { diagnose } from 'redlock-core/doctor';
import { brief, nodesOf, summaries } from './support/fleet.js';

let tls: SelfSigned;

beforeAll(async () => {
  tls = await SelfSigned.make();
});

afterAll(async () => {
  await tls[Symbol.asyncDispose]();
});

test('a certificate that nobody vouches for is found, and the fix says whom to trust', async () => {
  await using deployment = await Deployment.start(2);
  await using secure = await Deployment.start(1, { config: tls.config });
  expect(secure.nodes).toHaveLength(1);
  const node = ioredisNodeFromUrl(`rediss://locker:s%25cret@localhost:${tls.port}`);
  const diagnosis = await diagnose([...nodesOf(deployment), node], brief);
  await node.close?.();
  expect(summaries(diagnosis)).toEqual([`warning TLS_FAILED localhost:${tls.port}`]);
  expect(diagnosis.findings[0]?.message).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
  expect(diagnosis.findings[0]?.fix).toContain('NODE_EXTRA_CA_CERTS');
  expect(JSON.stringify(diagnosis)).not.toMatch(/locker|cret@/);
});
