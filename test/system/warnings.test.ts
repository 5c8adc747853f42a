import { describe, expect, test } from '@jest/globals';
import type { Warning } from 'redlock-core';
import { Deployment, majors, until } from 'test-kit';
import { openContender } from './support/contender.js';

describe.each(majors)('with ioredis $major', ({ major }) => {
  test('servers that evict or forget are warned of, each once', async () => {
    await using deployment = await Deployment.start(3, { config: { appendonly: 'no' } });
    await deployment.node(1).probe.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const { redlock } = openContender(deployment, major, { quarantine: false });
    const warnings: Warning[] = [];
    redlock.on('warning', (warning) => void warnings.push(warning));
    await until('all servers have been asked', async () => warnings.length >= 4);
    const codes = warnings.map(({ code }) => code).toSorted();
    expect(codes).toEqual(['EVICTION', 'NO_PERSISTENCE', 'NO_PERSISTENCE', 'NO_PERSISTENCE']);
    const { host, port } = deployment.node(1).proxy;
    const evicting = warnings.filter(({ code }) => code === 'EVICTION');
    expect(evicting).toMatchObject([{ node: `${host}:${port}` }]);
  });
});
