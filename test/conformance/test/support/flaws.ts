import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RedisNode } from 'redlock-core';
import { adapterConformance, type ConformanceTarget } from 'redlock-core/testing';
import { deploy, type Deployment, subjectOf } from '../../src/index.js';

interface Flaw {
  readonly flaw: string;
  /** The case that finds it. */
  readonly foundBy: string;
  /** What the adapter does instead. */
  readonly members?: (node: RedisNode, target: ConformanceTarget) => Partial<RedisNode>;
  /** What its client is made with. */
  readonly target?: (asked: ConformanceTarget) => ConformanceTarget;
}

export const ioredis6 = subjectOf('ioredis 6');

/** Tests that the conformance suite finds what is wrong with adapters. */
export function testFlaws(flaws: readonly Flaw[]): void {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy('standalone');
  });
  afterAll(async () => deployment[Symbol.asyncDispose]());

  test.each(flaws)('an adapter that $flaw is found', async ({ foundBy, members, target }) => {
    const cases = adapterConformance({
      server: () => deployment.server(),
      async connect(asked) {
        const client = await ioredis6.open('standalone', target?.(asked) ?? asked, []);
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
