import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Actor, Deployment, pace, rejectionOf, SelfSigned } from 'test-kit';

const TTL = 60_000;

let tls: SelfSigned;

beforeAll(async () => {
  tls = await SelfSigned.make();
});

afterAll(async () => {
  await tls[Symbol.asyncDispose]();
});

test('a node made of a rediss:// URL takes its user, password and database over TLS', async () => {
  await using deployment = await Deployment.start(1, { config: tls.config });
  const { probe } = deployment.node(0);
  await probe.call('ACL', 'SETUSER', 'locker', 'on', '>s%cret', '~*', '&*', '+@all');
  // A process of its own, because Node reads the certificates that it trusts when it starts.
  const actor = await Actor.start(deployment, {
    nodes: [urlOf('/3')],
    env: { NODE_EXTRA_CA_CERTS: tls.certificate },
  });
  const { token } = await actor.acquire('over TLS', TTL, { wait: 0 });
  await probe.select(3);
  expect(await probe.get('over TLS')).toBe(token);
});

test('a certificate that is not trusted is a failure of the node, which shows no credentials', async () => {
  await using deployment = await Deployment.start(1, { config: tls.config });
  const options = { nodeTimeout: pace.brief };
  const actor = Actor.spawn(deployment, { nodes: [urlOf('')], options });
  const error = await rejectionOf(actor.acquire('over TLS', TTL, { wait: 0 }));
  expect(await deployment.values('over TLS')).toEqual([null]);
  expect(error).toMatchObject({
    code: 'QUORUM_UNAVAILABLE',
    votes: [{ node: `localhost:${tls.port}`, error: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } }],
  });
  expect(JSON.stringify(error)).not.toMatch(/locker|cret/);
});

function urlOf(path: string): string {
  return `rediss://locker:${encodeURIComponent('s%cret')}@localhost:${tls.port}${path}`;
}
