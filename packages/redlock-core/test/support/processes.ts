import type { RedlockOptions } from 'redlock-core';
import type { Command } from './command.js';
import { ManualRuntime } from './manual-runtime.js';
import { TestNode } from './test-node.js';
import { TestServer } from './test-server.js';
import { redlockOver } from './three-nodes.js';

export interface ProcessOptions extends RedlockOptions {
  /** How many of its nodes can subscribe. */
  subscribers?: number;
  /** To all nodes and back, in ms; 0: at once. */
  roundTrip?: number;
}

/** Three servers, one clock, and as many processes as a test asks for, each with nodes of its own. */
export function threeServers() {
  const runtime = new ManualRuntime();
  const servers = ['a', 'b', 'c'].map(() => {
    const server = new TestServer();
    server.clock = () => runtime.wallNow();
    server.expiry = () => runtime.now();
    return server;
  });
  const process = ({ subscribers = 3, roundTrip = 0, ...options }: ProcessOptions = {}) => {
    const [a, b, c] = [0, 1, 2].map((index) => {
      return new TestNode('abc'.charAt(index), {
        server: servers[index] ?? new TestServer(),
        subscribes: index < subscribers,
      });
    }) as [TestNode, TestNode, TestNode];
    const three = redlockOver([a, b, c], options, runtime);
    if (roundTrip > 0) for (const node of three.nodes) node.mode = after(runtime, roundTrip);
    return { ...three, a, b, c };
  };
  return { runtime, servers, process };
}

/** A node that executes and answers so much later. */
export function after(runtime: ManualRuntime, ms: number): (command: Command) => void {
  return (command) => void runtime.setTimeout(() => command.reply(), ms);
}
