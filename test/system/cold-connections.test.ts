import { describe, expect, test } from '@jest/globals';
import { QuorumError } from 'redlock-core';
import { Deployment, majors, pace, rejectionOf, repeatedAfterStall } from 'test-kit';
import { openContender } from './support/contender.js';

/** Of a node in the next country. A round trip takes twice as long. In ms. */
const DISTANCE = 15;

describe.each(majors)('with ioredis $major', ({ major }) => {
  test.each([1000, 2000])(
    'the first tryAcquire of a process gets a lock of %i ms from nodes 30 ms away',
    repeatedAfterStall(async (ttl: number) => {
      await using deployment = await Deployment.start(3);
      for (const { proxy } of deployment.nodes) proxy.delay(DISTANCE);
      const { redlock } = openContender(deployment, major, { nodeTimeout: undefined });
      expect(await redlock.tryAcquire('cold', ttl)).not.toBeNull();
    }),
  );

  test('connect() has it made before, and the node timeout counts from then on', async () => {
    await using deployment = await Deployment.start(3);
    const { redlock } = openContender(deployment, major, { nodeTimeout: pace.patient });
    await redlock.connect({ wait: pace.limit });
    expect(await redlock.tryAcquire('warm', pace.limit, {})).not.toBeNull();
  });

  test('connect() says why too few nodes can be used', async () => {
    await using deployment = await Deployment.start(3);
    const { redlock } = openContender(deployment, major);
    await Promise.all(deployment.nodes.slice(0, 2).map(({ server }) => server.kill()));
    const error = await rejectionOf(redlock.connect({ wait: pace.brief }));
    expect(error).toBeInstanceOf(QuorumError);
    expect((error as QuorumError).votes.filter(({ vote }) => vote === 'failed')).toHaveLength(2);
  });
});
