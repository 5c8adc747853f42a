import { Redlock, type Lock, type RedisNode } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { machineNow } from 'test-kit/machine-clock';
import type { Cue, Report } from '../faults/actor.js';
import { ioredisClients } from '../libraries/clients.js';
import type { Address } from '../libraries/library.js';

interface Input {
  readonly nodes: readonly Address[];
  readonly resource: string;
  readonly ttl: number;
}

let signalWhenCalled: NodeJS.Signals | null = null;

/** Takes and releases one lock on instruction, and reports when. */
export async function act({ nodes, resource, ttl }: Input): Promise<() => Promise<never>> {
  const clients = await ioredisClients(nodes);
  const redlock = new Redlock(
    clients.map((client) => vulnerable(ioredisNode(client))),
    { wait: Infinity },
  );
  await (await redlock.acquire(`warm-up:${process.pid}`, ttl)).release();
  let held: Lock | null = null;
  const follow = async (cue: Cue): Promise<void> => {
    if (cue === 'take') {
      held = await redlock.acquire(resource, ttl);
      report('granted', machineNow());
    } else if (cue === 'release') {
      const at = machineNow();
      await held?.release();
      report('released', at);
    } else {
      signalWhenCalled = cue === 'die when called' ? 'SIGKILL' : 'SIGSTOP';
      report('armed', machineNow());
    }
  };
  process.on('message', (cue: Cue) => void follow(cue));
  return () => new Promise(() => {});
}

function report(did: Report['did'], at: number): void {
  process.send?.({ did, at } satisfies Report);
}

/** The same node, but a message on any channel stops or kills the process if it was told so. */
function vulnerable(node: RedisNode): RedisNode {
  const subscribe = node.subscribe?.bind(node);
  if (!subscribe) throw new Error('The adapter has no subscriptions');
  const value: RedisNode['subscribe'] = (channel, listener, onLost) =>
    subscribe(
      channel,
      (message) => {
        if (message !== undefined && signalWhenCalled !== null) {
          process.kill(process.pid, signalWhenCalled);
        }
        listener(message);
      },
      onLost,
    );
  return Object.create(node, { subscribe: { value } }) as RedisNode;
}
