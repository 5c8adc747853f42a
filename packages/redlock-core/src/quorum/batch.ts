import type { NodeLink } from '../node/link.js';
import type { Answer } from '../node/pipeline.js';
import { RECONNECTED } from '../node/failures.js';
import { Request, type RequestTerms } from '../node/request.js';
import type { Operation } from '../protocol/operations.js';
import { granted, type Reading } from '../protocol/replies.js';
import type { Ballot } from './ballot.js';
import type { Response } from './response.js';

/** What a node said to all operations of a batch alike: that they were done, or that it has failed. */
interface Alike {
  readonly index: number;
  readonly answer: Answer;
}

/**
 * Operations that share one command to each node. While a node answers that all of them were done, or fails for all of
 * them, its vote is one addition for the whole batch (docs/decisions.md#the-batch-is-the-unit).
 */
export class Batch {
  readonly #links: readonly NodeLink[];
  readonly #ballots: readonly Ballot[];
  readonly #terms: RequestTerms;
  readonly #quorum: number;
  readonly #alike: Alike[] = [];
  readonly #answers: Promise<void>[] = [];
  #granted = 0;
  #failed = 0;
  /** Whether the ballots count votes of their own. */
  #isApart = false;

  constructor(
    links: readonly NodeLink[],
    quorum: number,
    ballots: readonly Ballot[],
    terms: RequestTerms,
  ) {
    this.#links = links;
    this.#quorum = quorum;
    this.#ballots = ballots;
    this.#terms = terms;
    const allAnswered = async (): Promise<void> => void (await Promise.all(this.#answers));
    const counted = (asked: Operation): readonly Response[] => this.#sharedResponses()(asked);
    for (const ballot of ballots) {
      const { claim, operation, observe, only } = ballot;
      ballot.allAnswered = allAnswered;
      ballot.counted = counted;
      if (observe) this.#isApart = true;
      if (!claim) continue;
      // Empty now: each link enters its connection when it writes the command.
      if (operation.verb === 'acquire') claim.acquireWrittenOn = terms.written;
      else if (operation.verb === 'release') {
        // The record of the batch has nodes to which a release for some nodes does not go, so such a release gets one of its
        // own. What it replaces is forgotten: a node may get one more release.
        claim.releaseWrittenOn = only === null ? terms.written : [];
        claim.isReleaseQueued = false;
      }
    }
  }

  /** Whether some outcome is open. */
  get isOpen(): boolean {
    return this.#ballots.some(({ isDecided }) => !isDecided);
  }

  /** Asks the nodes. */
  send(): void {
    const isForAll = this.#ballots.every(({ only }) => only === null);
    const whole = isForAll ? new Request(this.#ballots, this.#terms) : null;
    const parts = new Map<string, Request<Ballot>>();
    for (const link of this.#links) {
      const request = whole ?? this.#partFor(link.index, parts);
      if (!request) continue;
      if (request.asked.length === 1 || link.node.ready) this.#ask(link, request, whole);
      else for (const part of link.partsOf(request)) this.#ask(link, part, whole);
    }
  }

  #ask(link: NodeLink, part: Request<Ballot>, whole: Request<Ballot> | null): void {
    const answer = link.send(part);
    this.#answers.push(answer.then((said) => this.#count(link.index, part, said, part === whole)));
  }

  /** What is sent to one node, if some operations are for some nodes only. Nodes that get the same share it. */
  #partFor(node: number, parts: Map<string, Request<Ballot>>): Request<Ballot> | undefined {
    const asked = this.#ballots.filter(({ only }) => only === null || only.has(node));
    if (asked.length === 0) return undefined;
    const which = this.#ballots.map((ballot) => (asked.includes(ballot) ? '1' : '0')).join('');
    const part = parts.get(which) ?? new Request(asked, this.#terms);
    parts.set(which, part);
    return part;
  }

  #count(index: number, request: Request<Ballot>, answer: Answer, isForAll: boolean): void {
    const isAlike = answer.readings === null || hasFailedAlike(answer.readings);
    if (isAlike && isForAll && !this.#isApart) this.#countAlike({ index, answer });
    else {
      this.#separate();
      let position = 0;
      for (const ballot of request.asked) {
        const reading = answer.readings?.[position++] ?? granted(ballot.operation);
        ballot.vote(this.#responseOf(index, reading, answer));
        this.#judge(ballot);
      }
    }
  }

  #countAlike(alike: Alike): void {
    this.#alike.push(alike);
    if (alike.answer.readings === null) this.#granted++;
    else this.#failed++;
    const nodes = this.#links.length;
    const mayDecide =
      this.#granted >= this.#quorum ||
      this.#failed > nodes - this.#quorum ||
      this.#alike.length === nodes;
    if (!mayDecide || !this.isOpen) return;
    if (!this.#stillCount()) this.#separate();
    const responses = this.#isApart ? null : this.#sharedResponses();
    for (const ballot of this.#ballots) {
      if (ballot.isDecided) continue;
      if (responses === null) this.#judge(ballot);
      else {
        ballot.share(this.#granted, this.#failed, responses);
        ballot.judge();
      }
    }
  }

  /** A grant counts only if its connection is still there when the attempt is decided. */
  #stillCount(): boolean {
    for (const { index, answer } of this.#alike) {
      const link = this.#links[index];
      if (answer.readings === null && !link?.stillCounts(answer.connection)) return false;
    }
    return true;
  }

  /** Makes the votes so far, one by one, for a caller that reads them. */
  #sharedResponses(): (operation: Operation) => readonly Response[] {
    const count = this.#alike.length;
    return (operation) =>
      this.#alike
        .slice(0, count)
        .map((alike) => this.#responseOf(alike.index, readingOf(alike, operation), alike.answer));
  }

  /** From here on, each ballot counts its own votes. */
  #separate(): void {
    if (this.#isApart) return;
    this.#isApart = true;
    const responses = this.#sharedResponses();
    for (const ballot of this.#ballots) {
      if (ballot.isDecided) continue;
      ballot.share(this.#granted, this.#failed, responses);
      ballot.separate();
    }
  }

  #judge(ballot: Ballot): void {
    if (ballot.isDecided) return;
    if (ballot.operation.verb === 'acquire') {
      for (const response of ballot.responses) {
        const { index, connection, reading } = response;
        const isGone = reading.vote === 'granted' && !this.#links[index]?.stillCounts(connection);
        if (isGone) ballot.replace({ ...response, reading: RECONNECTED });
      }
    }
    ballot.judge();
  }

  #responseOf(index: number, reading: Reading, { connection, sentAt, at }: Answer): Response {
    const node = this.#links[index]?.node.name ?? '';
    return { index, node, reading, duration: at - this.#terms.start, connection, sentAt };
  }
}

function hasFailedAlike(readings: readonly Reading[]): boolean {
  const [first] = readings;
  return first?.vote === 'failed' && readings.every((reading) => reading === first);
}

function readingOf({ answer }: Alike, operation: Operation): Reading {
  return answer.readings?.[0] ?? granted(operation);
}
