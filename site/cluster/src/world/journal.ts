import type { Action } from './action.js';
import { deedText } from './deed-text.js';
import type { RedlockEvents } from './core.js';
import { tokenText } from './epoch.js';
import { noFacts } from './facts.js';
import type { ClientName } from './names.js';
import type { World } from './simulation.js';
import type { Write } from './storage.js';

/** What an entry is about: `alarm` for what must never happen, `deed` for what the visitor or a preset does. */
export type Tone = 'plain' | 'good' | 'warning' | 'alarm' | 'deed';

/** One thing that has happened, as a sentence. */
export interface Entry {
  readonly time: number;
  readonly tone: Tone;
  readonly text: string;
}

/** Calls of the nodes that come within this many ms are one. */
const SAME_CALL = 500;

/** What has happened in a run, as sentences and in numbers. */
export class Journal {
  readonly entries: Entry[] = [];
  readonly facts = noFacts();
  readonly #world: World;
  readonly #calledAt = new Map<ClientName, number>();
  readonly #waiting = new Set<ClientName>();
  #holders: readonly ClientName[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  acted(action: Action): void {
    this.#note('deed', deedText(action));
  }

  acquired(client: ClientName, fencingToken: number): void {
    this.facts.grants[client]++;
    this.#waiting.delete(client);
    this.#note('good', `${client} has the lock, with fencing token ${tokenText(fencingToken)}.`);
  }

  /** @param isFree whether nobody holds the lock */
  contended(client: ClientName, { votes }: RedlockEvents['contended'], isFree: boolean): void {
    this.facts.denials[client]++;
    const granted = votes.filter(({ result }) => result === 'granted').length;
    const isNew = !this.#waiting.has(client);
    this.#waiting.add(client);
    if (isFree && granted > 0) {
      this.facts.splitVotes++;
      this.#note('warning', `Split vote: ${client} got ${granted} of 5 votes and gives them back.`);
    } else if (isNew) this.#note('plain', `${client} is denied, and waits in the queues.`);
  }

  called(client: ClientName): void {
    this.facts.calls[client]++;
    const last = this.#calledAt.get(client) ?? -Infinity;
    this.#calledAt.set(client, this.#world.now);
    if (this.#world.now - last < SAME_CALL) return;
    this.#note('plain', `The nodes call ${client}: the lock is free.`);
  }

  released(client: ClientName, isConfirmed: boolean): void {
    const text = `${client} has released the lock.`;
    this.#note(
      'plain',
      isConfirmed ? text : `${text} No quorum confirms that it held it until then.`,
    );
  }

  lost(client: ClientName, { error: { reason, loopDelay } }: RedlockEvents['lost']): void {
    this.facts.losses[client]++;
    const late = loopDelay === undefined ? '' : ` Its event loop was ${seconds(loopDelay)} late.`;
    this.#note('warning', `${client} learns that its lock is lost (${reason}).${late}`);
  }

  nodeFailed(client: ClientName, { node, error }: RedlockEvents['nodeFailed']): void {
    this.#note('warning', `${client} cannot use ${node} (${error.code}).`);
  }

  nodeRecovered(client: ClientName, { node }: RedlockEvents['nodeRecovered']): void {
    this.#note('plain', `${client} can use ${node} again.`);
  }

  nodeQuarantined(client: ClientName, { node, duration }: RedlockEvents['nodeQuarantined']): void {
    this.facts.quarantines++;
    const text = `${client} puts ${node} in quarantine for ${seconds(duration)}: it may have forgotten locks.`;
    this.#note('warning', text);
  }

  nodeTrusted(client: ClientName, { node }: RedlockEvents['nodeTrusted']): void {
    this.#note('plain', `The quarantine of ${node} is over for ${client}.`);
  }

  wrote({ client, fencingToken, accepted }: Write, highest: number): void {
    this.facts.writes[client] += accepted ? 1 : 0;
    this.facts.refusedWrites[client] += accepted ? 0 : 1;
    if (accepted) return;
    const tokens = `${tokenText(fencingToken)} is lower than ${tokenText(highest)}`;
    this.#note('warning', `The storage refuses the write of ${client}: its token ${tokens}.`);
  }

  /** @param holders who holds the lock now */
  holding(holders: readonly ClientName[]): void {
    const { facts } = this;
    const isNew = holders.some((holder) => !this.#holders.includes(holder));
    this.#holders = holders;
    facts.mostHolders = Math.max(facts.mostHolders, holders.length);
    if (holders.length < 2 || !isNew) return;
    facts.doubleHoldings++;
    this.#note('alarm', `Two holders: ${holders.join(' and ')} hold the lock at the same time.`);
  }

  #note(tone: Tone, text: string): void {
    this.entries.push({ time: this.#world.now, tone, text });
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
