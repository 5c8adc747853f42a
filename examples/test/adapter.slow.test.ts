import { test } from '@jest/globals';
import { Redis } from 'ioredis';
import { adapterConformance, type ConformanceTarget } from 'redlock-core/conformance';
import { myNode } from '../src/adapter.js';

function open({ lazy = false, ...target }: ConformanceTarget): Redis {
  const options = {
    lazyConnect: lazy,
    retryStrategy: (times: number) => Math.min(50 * times, 1000),
  };
  return new Redis({ ...target, ...options }).on('error', () => {});
}

const cases = adapterConformance({
  connect(target) {
    const client = open(target);
    return { node: myNode(client), close: () => client.disconnect() };
  },
  // If given, the number of connections of the adapter is compared with that of the client alone.
  connectPlain(target) {
    const client = open(target);
    return () => client.disconnect();
  },
  without: { db: 'ioredis goes on in database 0 if it is refused another one' },
});
for (const { name, skip, run } of cases) (skip ? test.skip : test)(name, run);
