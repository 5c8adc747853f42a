import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RedisNode } from 'redlock-core';
import { until } from 'test-kit';
import {
  deploy,
  type Deployment,
  type OpenClient,
  subjectOf,
  type Topology,
} from '../../src/index.js';

/** An emitter warns from its eleventh listener on. */
const MANY = 12;

/** Tests that all nodes of a client share its listeners, so that the client never warns of a leak. */
export function testListeners(topology: Topology, clients: readonly string[]): void {
  describe(`on a ${topology}`, () => {
    let deployment: Deployment;
    beforeAll(async () => {
      deployment = await deploy(topology);
    });
    afterAll(async () => deployment[Symbol.asyncDispose]());

    test.each(clients)('many nodes of one client of %s listen to its events once', async (name) => {
      const server = await deployment.server();
      const open = () => subjectOf(name).open(topology, server, deployment.entrances);
      const [crowded, lonely] = [await open(), await open()];
      try {
        const nodes = Array.from({ length: MANY }, () => crowded.node());
        // Each node is used by many too.
        const ends = [...(await used([...nodes, ...nodes])), ...(await used([lonely.node()]))];
        expect(listeners(crowded)).toEqual(listeners(lonely));
        for (const end of ends) end();
      } finally {
        await crowded.close();
        await lonely.close();
      }
    });
  });
}

/** Uses nodes as a Redlock with a waiter does. @returns functions that end their subscriptions */
async function used(nodes: readonly RedisNode[]): Promise<(() => void)[]> {
  const ends: (() => void)[] = [];
  for (const [index, node] of nodes.entries()) {
    node.connect();
    node.onReady(() => {});
    await until('the node is ready', () => node.ready);
    await node.call(['eval', 'return 1', '1', '{conformance}']);
    await new Promise<void>((resolve) => {
      const end = node.subscribe?.(
        `channel ${index}`,
        () => resolve(),
        () => {},
      );
      if (end) ends.push(end);
    });
  }
  return ends;
}

/** The most listeners that any emitter of the client has, by event. */
function listeners(client: OpenClient): Map<string | symbol, number> {
  const most = new Map<string | symbol, number>();
  for (const emitter of client.emitters()) {
    for (const event of emitter.eventNames()) {
      most.set(event, Math.max(most.get(event) ?? 0, emitter.listenerCount(event)));
    }
  }
  return most;
}
