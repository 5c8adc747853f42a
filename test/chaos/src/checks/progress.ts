import type { Span, Visit } from '../history.js';
import type { Finding } from './finding.js';

/** In ms: in every window as long, in which a majority was up throughout, somebody writes. */
const WINDOW = 10_000;

interface Gap {
  readonly from: number;
  readonly ms: number;
}

/** Between two writes, within spans in which a majority was up. */
function gaps(spans: readonly Span[], visits: readonly Visit[]): Gap[] {
  const writes = visits
    .filter(({ kind, admitted }) => kind === 'write' && admitted)
    .map(({ at }) => at);
  return spans.flatMap(({ from, to }) => {
    const marks = [from, ...writes.filter((at) => at > from && at < to), to];
    return marks.slice(1).map((mark, index) => {
      const start = marks[index] ?? from;
      return { from: start, ms: mark - start };
    });
  });
}

export function longestGap(spans: readonly Span[], visits: readonly Visit[]): number {
  return gaps(spans, visits).reduce((longest, { ms }) => Math.max(longest, ms), 0);
}

export function findStandstills(spans: readonly Span[], visits: readonly Visit[]): Finding[] {
  return gaps(spans, visits)
    .filter(({ ms }) => ms > WINDOW)
    .map(({ from, ms }) => ({
      text: `nobody wrote for ${(ms / 1000).toFixed(1)} s although a majority of nodes was up`,
      at: from,
    }));
}
