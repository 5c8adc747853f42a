import type { AcquireOptions, Lock } from 'redlock-core';
import { threeServers } from './three-nodes.js';

export const TTL = 100_000;
/** It is not the poll that wakes. */
export const NO_POLL = { pollInterval: 50_000, wait: Infinity };

/** A process waits for what another holds. Nothing is heard until the test says so. */
export async function heldElsewhere(options: AcquireOptions & { subscribers?: number } = NO_POLL) {
  const { process, runtime, servers } = threeServers();
  runtime.chance = 0;
  const holder = process();
  const lock = await holder.redlock.acquire('r', TTL);
  const waiter = process(options);
  for (const node of waiter.nodes) node.subscribing = 'hold';
  let got: Lock | undefined;
  const wait = async (): Promise<void> => {
    void waiter.redlock.acquire('r', TTL).then((granted) => (got = granted));
    await runtime.advance(0);
  };
  const hearAll = async (): Promise<void> => {
    for (const node of waiter.nodes) node.subscribed();
    await runtime.advance(0);
  };
  return { process, runtime, servers, holder, lock, waiter, wait, hearAll, got: () => got };
}
