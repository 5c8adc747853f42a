import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RedisNode } from 'redlock-core';
import { adapterConformance, type ConformanceTarget } from 'redlock-core/conformance';
import { deploy, type Deployment, subjectOf } from '../../src/index.js';

/** What an adapter does instead of what it should do. */
type Members = (node: RedisNode, target: ConformanceTarget) => Partial<RedisNode>;

/** What the client is made with instead of what it should be made with. */
interface Target {
  readonly target: (asked: ConformanceTarget) => ConformanceTarget;
}

type Flaw = readonly [flaw: string, foundBy: string, change: Members | Target];

export const ioredis6 = subjectOf('ioredis 6');

/** Tests that the conformance suite finds what is wrong with adapters. */
export function testFlaws(flaws: readonly Flaw[]): void {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy('standalone');
  });
  afterAll(async () => deployment[Symbol.asyncDispose]());

  test.each(flaws)('an adapter that %s is found', async (_flaw, foundBy, change) => {
    const [members, targetOf] =
      typeof change === 'function' ? [change, undefined] : [undefined, change.target];
    const cases = adapterConformance({
      server: () => deployment.server(),
      async connect(asked) {
        const client = await ioredis6.open('standalone', targetOf?.(asked) ?? asked, []);
        const node = client.node();
        const changed = members?.(node, asked) ?? {};
        return { node: withMembers(node, changed), close: () => client.close() };
      },
    });
    const found = cases.find(({ name }) => name === foundBy);
    expect(found).toBeDefined();
    await expect(found?.run()).rejects.toThrow();
  });
}

function withMembers(node: RedisNode, members: Partial<RedisNode>): RedisNode {
  return Object.create(node, Object.getOwnPropertyDescriptors(members)) as RedisNode;
}
