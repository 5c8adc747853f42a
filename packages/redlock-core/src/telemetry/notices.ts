import { channel } from 'node:diagnostics_channel';
import type { EventName, Listener, RedlockEvents } from '../events.js';
import type { ContentionNotice, LossNotice, NodeNotice } from '../notice.js';

interface Events {
  on<E extends EventName>(event: E, listener: Listener<E>): void;
}

const LOST = channel('redlock:lost');
const CONTENDED = channel('redlock:contended');
const NODE = channel('redlock:node');

/** Publishes what a Redlock tells its listeners to those as well who subscribe to channels. */
export function publishNotices(events: Events): void {
  events.on('lost', publishLoss);
  events.on('contended', publishContention);
  events.on('nodeFailed', ({ node, error }) => publishNode({ node, state: 'failed', error }));
  events.on('nodeRecovered', ({ node }) => publishNode({ node, state: 'recovered' }));
  events.on('nodeQuarantined', ({ node }) => publishNode({ node, state: 'quarantined' }));
  events.on('nodeTrusted', ({ node }) => publishNode({ node, state: 'trusted' }));
}

function publishLoss({ lock, error, loopDelay }: RedlockEvents['lost']): void {
  if (!LOST.hasSubscribers) return;
  const notice: LossNotice = { resources: lock.resources, code: error.cause.code, loopDelay };
  LOST.publish(notice);
}

function publishContention({ resources, owners }: RedlockEvents['contended']): void {
  if (!CONTENDED.hasSubscribers) return;
  const notice: ContentionNotice = { resources, owners };
  CONTENDED.publish(notice);
}

function publishNode(notice: NodeNotice): void {
  if (NODE.hasSubscribers) NODE.publish(notice);
}
