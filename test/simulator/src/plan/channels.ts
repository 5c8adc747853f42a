import type { Random } from 'test-kit/random';

/**
 * What the channels of a node are like. `heard`: who subscribes hears. `none`: its client cannot subscribe.
 * `refused`: the server refuses subscriptions. `mute`: it refuses to publish.
 */
export type Channels = 'heard' | 'none' | 'refused' | 'mute';

/** Mostly all alike. */
export function channelsOf(random: Random, nodes: number): readonly Channels[] {
  const kinds: readonly [Channels, ...Channels[]] = ['heard', 'none', 'refused', 'mute'];
  const all = random.weighted({ heard: 7, none: 1, refused: 0.5, mute: 0.5, mixed: 1.5 });
  return Array.from({ length: nodes }, () => (all === 'mixed' ? random.pick(kinds) : all));
}
