import { Redlock, type Lock, type RedisNode } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { machineNow } from 'test-kit/machine-clock';
import type { Address } from '../subject.js';
import { ioredisClients } from '../subjects/ioredis-clients.js';
import type { Cue, Report } from './cue.js';

interface Input {
  readonly nodes: readonly Address[];
  readonly resource: string;
  readonly ttl: number;
}

const { nodes, resource, ttl } = JSON.parse(process.argv[2] ?? '') as Input;
let signalWhenCalled: NodeJS.Signals | null = null;
let held: Lock | null = null;

// A stage that is gone has no use for this process.
process.once('disconnect', () => process.exit(1));
const clients = await ioredisClients(nodes);
const redlock = new Redlock(
  clients.map((client) => vulnerable(ioredisNode(client))),
  { wait: Infinity },
);
await (await redlock.acquire(`warm-up:${process.pid}`, ttl)).release();
process.on('message', (cue: Cue) => void follow(cue));
process.send?.('ready');

async function follow(cue: Cue): Promise<void> {
  switch (cue) {
    case 'take':
      held = await redlock.acquire(resource, ttl);
      report('granted', machineNow());
      break;
    case 'release': {
      const at = machineNow();
      await held?.release();
      report('released', at);
      break;
    }
    case 'die when called':
    case 'stop when called':
      signalWhenCalled = cue === 'die when called' ? 'SIGKILL' : 'SIGSTOP';
      report('armed', machineNow());
      break;
  }
}

function report(did: Report['did'], at: number): void {
  process.send?.({ did, at } satisfies Report);
}

/** The same node, but that a message on any channel may be the last thing that the process hears. */
function vulnerable(node: RedisNode): RedisNode {
  const subscribe = node.subscribe?.bind(node);
  if (!subscribe) throw new Error('The adapter has no subscriptions');
  return Object.create(node, {
    subscribe: {
      value: (
        channel: string,
        listener: (message?: string) => void,
        onLost?: () => void,
      ): (() => void) =>
        subscribe(
          channel,
          (message) => {
            if (message !== undefined && signalWhenCalled !== null) {
              process.kill(process.pid, signalWhenCalled);
            }
            listener(message);
          },
          onLost,
        ),
    },
  }) as RedisNode;
}
