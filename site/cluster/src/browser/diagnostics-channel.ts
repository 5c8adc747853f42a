/**
 * `node:diagnostics_channel`. Nobody subscribes here, because what is shown comes from the events of the Redlocks and
 * from the network, and the core publishes nothing to a channel without subscribers.
 */
const CHANNEL = { hasSubscribers: false, publish: (): void => {} };

export function channel(): typeof CHANNEL {
  return CHANNEL;
}

export function tracingChannel(): Record<string, typeof CHANNEL> {
  return { start: CHANNEL, end: CHANNEL, asyncStart: CHANNEL, asyncEnd: CHANNEL, error: CHANNEL };
}
