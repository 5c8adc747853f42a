import type { World } from './core.js';
import { type ClientName, tokenText } from './parts.js';

/** What an entry is about: `alarm` for what must never happen, `deed` for what the visitor or a preset does. */
type Tone = 'plain' | 'good' | 'warning' | 'alarm' | 'deed';

const none = (): Record<ClientName, number> => ({ A: 0, B: 0, C: 0 });

/** What has happened in a run, as sentences and in numbers. */
export class Journal {
  readonly entries: { readonly time: number; readonly tone: Tone; readonly text: string }[] = [];
  readonly facts = {
    grants: none(),
    notifications: none(),
    losses: none(),
    writes: none(),
    refusedWrites: none(),
    quarantines: 0,
    /** Attempts that got votes of a free lock, but no quorum. */
    splitVotes: 0,
    /** How often a second client got the lock while another one held it. */
    doubleHoldings: 0,
  };
  /** The highest fencing token that the storage has seen, and whether it accepted the writes. */
  highestToken = 0;
  readonly writes: { readonly client: ClientName; readonly accepted: boolean }[] = [];
  constructor(private readonly world: World) {}

  /** The storage judges a write. @returns whether it accepts it */
  wrote(client: ClientName, token: number): boolean {
    const { facts } = this;
    const accepted = token >= this.highestToken;
    this.writes.push({ client, accepted });
    (accepted ? facts.writes : facts.refusedWrites)[client]++;
    if (accepted) this.highestToken = token;
    else {
      const tokens = `${tokenText(token)} is lower than ${tokenText(this.highestToken)}`;
      this.note('warning', `The storage refuses the write of ${client}: its token ${tokens}.`);
    }
    return accepted;
  }

  /** Notes what has happened, once if it happens several times in a row, as when each node notifies a waiter. */
  note(tone: Tone, text: string): void {
    if (this.entries.at(-1)?.text === text) return;
    this.entries.push({ time: this.world.now, tone, text });
  }
}
