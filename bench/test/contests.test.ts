import { describe, expect, test } from '@jest/globals';
import { ContestLog, type Request } from '../src/contest/contest-log.js';

function request(
  process: number,
  wanted: number,
  granted: number | null,
  released: number | null,
  more: Partial<Request> = {},
): Request {
  const party = { process, party: process, resources: ['a'], shared: false };
  return { ...party, wanted, granted, released, ...more };
}

/** The most at once of holders with these times. */
function mostOf(...times: [number, number][]): number {
  const requests = times.map(([from, to], process) => request(process, 0, from, to));
  return new ContestLog(requests, 0, 10, 3).mostAtOnce;
}

describe('the log of a contest', () => {
  test('two holders at once are an error, unless they have other resources', () => {
    const first = request(0, 0, 1, 5);
    const second = (resources: string[]): Request => request(1, 0, 4, 8, { resources });
    const logOf = (...resources: string[]): ContestLog =>
      new ContestLog([first, second(resources)], 0, 10);
    expect(() => logOf('a')).toThrow('Process 1 got at 4 what was held until 5');
    expect(() => logOf('b', 'a')).toThrow('held until 5');
    expect(() => logOf('b')).not.toThrow();
  });

  test('an exclusive lock beside a shared one is an error, also beside the longest of several', () => {
    const shared = { shared: true };
    const readers = [request(0, 0, 1, 9, shared), request(1, 0, 2, 4, shared)];
    const logWith = (last: Request): ContestLog => new ContestLog([...readers, last], 0, 10);
    expect(() => logWith(request(2, 0, 5, 6))).toThrow('held until 9');
    expect(() => logWith(request(2, 0, 9, 10))).not.toThrow();
    const writer = request(2, 0, 5, 7);
    expect(() => new ContestLog([writer, request(0, 0, 6, 9, shared)], 0, 10)).toThrow();
  });

  test('a hold without a known end does not last for ever', () => {
    const log = new ContestLog([request(0, 0, 1, null), request(1, 0, 4, 8)], 0, 10);
    expect(log.holds).toHaveLength(2);
    expect(log.handOffs()).toEqual([]);
  });

  test('hand-overs count within the measured time, and by whether the process changes', () => {
    const first = [request(0, 0, 1, 5), request(0, 0, 6, 10), request(0, 10, 25, 29)];
    const log = new ContestLog([...first, request(1, 0, 13, 20)], 6, 40);
    expect(log.handOffs()).toEqual([1, 3, 5]);
    expect(log.handOffs('between processes')).toEqual([3, 5]);
    expect(log.locks()).toEqual([2, 1]);
    expect(log.locks(1)).toEqual([1]);
    expect(log.heldShare()).toBeCloseTo(15 / 34);
  });

  test('the time from the last release to the end counts, as a gap and as a wait', () => {
    const requests = [request(0, 0, 1, 5), request(1, 0, 7, 9), request(1, 10, null, null)];
    const log = new ContestLog(requests, 0, 30);
    expect(log.longestGap).toBe(21);
    expect(log.waits()).toEqual([1, 7, 20]);
    expect(log.waits(0)).toEqual([1]);
  });

  test('a lock is out of order while an earlier request waits, even for ever', () => {
    const overtaken = [request(0, 0, 1, 2), request(0, 2, null, null)];
    const log = new ContestLog([...overtaken, request(1, 1, 3, 4), request(1, 5, 6, 7)], 0, 10);
    expect(log.outOfOrder).toBeCloseTo(1 / 3);
  });

  test('the most holders of permits at once are those whose times overlap', () => {
    expect(mostOf([0, 5], [5, 9])).toBe(1);
    expect(mostOf([0, 6], [5, 9], [5, 7], [7, 8])).toBe(3);
  });
});
