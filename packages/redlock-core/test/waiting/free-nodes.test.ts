import { describe, expect, jest, test } from '@jest/globals';
import type { Refused } from '../../src/attempt/attempt.js';
import type { Response } from '../../src/node/response.js';
import type { GrantDetail } from '../../src/protocol/operation.js';
import { judgeGrant } from '../../src/quorum/verdict.js';
import { FreeNodes } from '../../src/waiting/free-nodes.js';

const NOW = 1000;
const FREE = -Infinity;
const UNKNOWN = Infinity;
/** What no waiter looks at. */
/** @param remaining of each resource that stands in the way; Infinity: it has no expiry */
function denied(index: number, remaining: readonly (readonly [number, number])[]) {
  const detail = remaining.map(([resource, ms]) => ({ resource, value: 'other', remaining: ms }));
  return {
    index,
    node: `n${index}`,
    vote: 'denied',
    detail,
    ms: 1,
  } satisfies Response<GrantDetail>;
}

function granted(index: number) {
  return {
    index,
    node: `n${index}`,
    vote: 'granted',
    detail: 7,
    ms: 1,
  } satisfies Response<GrantDetail>;
}

function confirm(index: number, vote: Response['vote']): Response<void> {
  return { index, node: `n${index}`, vote, ms: 1 };
}

function failed(index: number): Response<GrantDetail> {
  return { index, node: `n${index}`, vote: 'failed', ms: 50 };
}

function refusedBy(...responses: Response<GrantDetail | void>[]): Refused {
  return { granted: false, refusal: 'held', responses };
}

/** What one knows after a try of three nodes. */
function tried(...responses: Response<GrantDetail | void>[]): FreeNodes {
  const free = new FreeNodes(3);
  free.learn(refusedBy(...responses), NOW);
  return free;
}

describe('a quorum is free', () => {
  test('before the first try nobody knows when', () => {
    const free = new FreeNodes(3);
    expect(free.freeAt).toBe(UNKNOWN);
    for (const node of [0, 1, 2]) free.announced(node, 0, NOW);
    expect(free.freeAt).toBe(UNKNOWN);
  });

  test('when a node that granted and one that denied and announced make one', () => {
    const free = tried(denied(0, [[0, 500]]), granted(2), denied(1, [[0, 700]]));
    expect(free.freeAt).toBe(NOW + 500);
    free.announced(1, 0, NOW);
    expect(free.freeAt).toBe(FREE);
  });

  test('when one announces that had not voted when the try was decided', () => {
    const free = tried(granted(0), denied(1, [[0, 500]]));
    free.announced(2, 0, NOW);
    expect(free.freeAt).toBe(FREE);
    const before = new FreeNodes(3);
    before.forget();
    before.announced(2, 0, NOW);
    before.learn(refusedBy(granted(0), denied(1, [[0, 500]])), NOW);
    expect(before.freeAt).toBe(FREE);
  });

  test('not when the same node announces twice, or one that granted', () => {
    const free = tried(denied(0, [[0, 500]]), denied(1, [[0, 700]]), granted(2));
    free.announced(2, 0, NOW);
    expect(free.freeAt).toBe(NOW + 500);
    const all = tried(denied(0, [[0, 500]]), denied(1, [[0, 700]]), denied(2, [[0, 900]]));
    all.announced(2, 0, NOW);
    all.announced(2, 0, NOW);
    expect(all.freeAt).toBe(NOW + 500);
  });

  test('by what was announced between the sending of the try and the reply of a node', () => {
    const free = new FreeNodes(3);
    free.forget();
    free.announced(0, 0, NOW);
    free.announced(1, 0, NOW);
    free.learn(refusedBy(denied(0, [[0, 500]]), denied(1, [[0, 500]])), NOW);
    expect(free.freeAt).toBe(FREE);
  });

  test('not by what was announced of another resource in the meantime', () => {
    const free = new FreeNodes(3);
    for (const node of [0, 1]) free.announced(node, 1, NOW);
    free.learn(refusedBy(denied(0, [[0, 500]]), denied(1, [[0, 500]])), NOW);
    expect(free.freeAt).toBe(NOW + 500);
  });

  test('not by what was announced before the try was sent', () => {
    const free = new FreeNodes(3);
    free.announced(0, 0, NOW);
    free.announced(1, 0, NOW);
    free.forget();
    free.learn(refusedBy(denied(0, [[0, 500]]), denied(1, [[0, 700]])), NOW);
    expect(free.freeAt).toBe(NOW + 700);
  });

  test('not by the grants of a try before the last', () => {
    const free = tried(granted(0), denied(1, [[0, 500]]), denied(2, [[0, 500]]));
    free.forget();
    free.learn(refusedBy(denied(1, [[0, 300]]), denied(2, [[0, 400]])), NOW);
    expect(free.freeAt).toBe(NOW + 400);
  });
});

describe('remaining times', () => {
  test.each([1, 2, 3, 4, 5, 6, 7])('%i nodes are free when the quorum-th expires', (count) => {
    const free = new FreeNodes(count);
    const responses = Array.from({ length: count }, (_, index) =>
      denied(index, [[0, (((index + 2) % count) + 1) * 100]]),
    );
    free.learn(refusedBy(...responses), NOW);
    expect(free.freeAt).toBe(NOW + (Math.floor(count / 2) + 1) * 100);
  });

  test('of a node are those of the resource that it holds longest', () => {
    const free = tried(
      denied(0, [
        [0, 300],
        [1, 900],
      ]),
      denied(1, [[1, 800]]),
    );
    expect(free.freeAt).toBe(NOW + 900);
  });

  test('of a resource that was announced do not count any more, those of the others do', () => {
    const free = tried(
      denied(0, [
        [0, 300],
        [1, 900],
      ]),
      denied(1, [[1, 100]]),
    );
    free.announced(0, 1, NOW);
    expect(free.freeAt).toBe(NOW + 300);
    free.announced(0, 0, NOW);
    expect(free.freeAt).toBe(NOW + 100);
    free.announced(1, 1, NOW);
    expect(free.freeAt).toBe(FREE);
  });

  test('of keys without expiry say nothing', () => {
    const free = tried(
      denied(0, [[0, Infinity]]),
      denied(1, [[0, Infinity]]),
      denied(2, [[0, 100]]),
    );
    expect(free.freeAt).toBe(UNKNOWN);
  });

  test('of a minority that failed say nothing, and its announcements do not count', () => {
    const free = tried(denied(0, [[0, 500]]), failed(1), denied(2, [[0, 200]]));
    expect(free.freeAt).toBe(NOW + 500);
    free.announced(1, 0, NOW);
    free.announced(2, 0, NOW);
    expect(free.freeAt).toBe(NOW + 500);
    free.announced(0, 0, NOW);
    expect(free.freeAt).toBe(FREE);
  });

  test('a confirm that was refused or failed leaves nodes of which nobody knows', () => {
    expect(tried(confirm(0, 'granted'), confirm(1, 'denied')).freeAt).toBe(UNKNOWN);
    expect(tried(confirm(0, 'granted'), confirm(1, 'granted')).freeAt).toBe(FREE);
    expect(tried(confirm(0, 'granted'), confirm(1, 'failed')).freeAt).toBe(UNKNOWN);
  });
});

/** What a waiter sees of node n, and when it has released what it got and goes to sleep. */
type Step = readonly ['vote' | 'announcement', number] | readonly ['sleep'];

const SECOND: Step = ['announcement', 1];
const STEPS: readonly Step[] = [
  ['vote', 0],
  ['vote', 1],
  ['vote', 2],
  ['announcement', 0],
  SECOND,
  ['sleep'],
];

function* ordersOf(steps: readonly Step[]): Generator<Step[]> {
  if (steps.length === 0) yield [];
  for (const [position, step] of steps.entries()) {
    for (const rest of ordersOf(steps.toSpliced(position, 1))) yield [step, ...rest];
  }
}

/** @returns what the waiter knows in the end; null: it has the lock */
function live(order: readonly Step[], votes: readonly Response<GrantDetail>[]): FreeNodes | null {
  const free = new FreeNodes(3);
  free.forget();
  const responses: Response<GrantDetail>[] = [];
  let verdict: ReturnType<typeof judgeGrant>;
  let tired = false;
  let asleep = false;
  for (const [what, node = -1] of order) {
    const vote = votes[node];
    if (what === 'announcement') free.announced(node, 0, NOW);
    else if (what === 'sleep') tired = true;
    else if (!verdict && vote) {
      responses.push(vote);
      verdict = judgeGrant(responses, 3);
    }
    if (verdict === 'granted') return null;
    if (!verdict || !tired || asleep) continue;
    asleep = true;
    free.learn(refusedBy(...responses), NOW);
  }
  return free;
}

describe('failure 24: a holder that was granted on nodes 0 and 1 releases', () => {
  test('after a waiter was denied by both: in no order does it sleep through', () => {
    const votes = [denied(0, [[0, 60_000]]), denied(1, [[0, 60_000]]), granted(2)];
    for (const order of ordersOf(STEPS)) {
      expect([order, live(order, votes)?.freeAt]).toEqual([order, FREE]);
    }
  });

  test('before it was asked for on one of them: the waiter has the lock', () => {
    for (const late of [0, 1]) {
      const votes = [0, 1, 2].map((node) =>
        node === late || node === 2 ? granted(node) : denied(node, [[0, 60_000]]),
      );
      for (const order of ordersOf(STEPS))
        expect([order, live(order, votes)]).toEqual([order, null]);
    }
  });

  test('on one of them only: woken if node 2 has granted, else asleep until the ttl is over', () => {
    const votes = [denied(0, [[0, 60_000]]), denied(1, [[0, 60_000]]), granted(2)];
    for (const order of ordersOf(STEPS.filter((step) => step !== SECOND))) {
      const [, last] = order.findLast(([what]) => what === 'vote') ?? [];
      const knows = last !== 2;
      expect([order, live(order, votes)?.freeAt]).toEqual([order, knows ? FREE : NOW + 60_000]);
    }
  });
});

test('what becomes free is noticed at once, also of a thousand resources', () => {
  const nodes = 5;
  const free = new FreeNodes(nodes);
  const count = 1000;
  free.forget();
  const detail = Array.from({ length: count }, (_, resource) => ({
    resource,
    value: 'other',
    remaining: 60_000,
  }));
  const responses = Array.from({ length: nodes }, (_, index) => ({
    index,
    node: `n${index}`,
    vote: 'denied' as const,
    detail,
    ms: 1,
  }));
  free.learn({ granted: false, refusal: 'held', responses }, 0);
  const reads = jest.spyOn(FreeNodes.prototype, 'freeAt', 'get');
  const news: string[] = [];
  for (let resource = 0; resource < count; resource++) {
    for (let node = 0; node < nodes; node++) {
      if (free.announced(node, resource, 1)) news.push(`${resource} ${node}`);
    }
  }
  // By the third node of its last resource, a quorum is free; nothing is added up before a node is.
  expect(news).toEqual([`${count - 1} 2`]);
  expect(reads.mock.calls.length).toBeLessThanOrEqual(nodes);
});
