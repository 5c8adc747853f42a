import type { Finding } from '../diagnosis.js';
import { gapBetween, middleOf, type Offset } from '../facts/clock.js';
import type { SetFacts } from '../facts/node-facts.js';
import type { Terms } from '../terms.js';
import type { Check } from './check.js';

/** How far apart clocks may be for nodes to agree on a fencing token at once, in ms. */
const TOLERANCE = 1000;
/** By how much the quarantine must be longer than clocks are apart, in ms (docs/safety.md). */
const MARGIN = 2000;

const REMEDY = 'synchronise it: chronyc makestep, or timedatectl set-ntp true';

interface Clock {
  readonly name: string;
  readonly offset: Offset;
}

/**
 * Finds clocks that are more than a second apart. Fencing tokens grow all the same; but nodes then answer with different
 * ones, and after a node has forgotten its counters, a token may be lower than an earlier one.
 */
export const clocks: Check = (facts) => {
  const { terms } = facts;
  const known = clocksIn(facts);
  const middle = known[Math.floor((known.length - 1) / 2)];
  if (!middle || !terms.fencing) return [];
  const apart = farFrom(middle, known);
  const findings = apart.map((clock) => clockApart(clock, middle, terms));
  const own: Clock = { name: 'this machine', offset: { low: 0, high: 0 } };
  if (gapBetween(own.offset, middle.offset) > TOLERANCE) {
    findings.push({
      level: 'warning',
      code: 'OWN_CLOCK',
      node: null,
      message:
        `the clock of this machine is ${distance(own, middle)} that of ${middle.name}, the middle one of the nodes: ` +
        'each lock of a program here then takes a second round trip to agree on its fencing token',
      remedy: REMEDY,
    });
  }
  return findings;
};

/** From the slowest clock to the fastest. */
function clocksIn({ nodes }: SetFacts): readonly Clock[] {
  return nodes
    .flatMap(({ name, offsets }) => offsets.map((offset) => ({ name, offset })))
    .toSorted((a, b) => middleOf(a.offset) - middleOf(b.offset));
}

function farFrom(middle: Clock, known: readonly Clock[]): readonly Clock[] {
  const far = known.filter(({ offset }) => gapBetween(offset, middle.offset) > TOLERANCE);
  if (far.length > 0) return far;
  // The first and the last may be farther from each other than from the middle one.
  const [first, last] = [known[0], known.at(-1)];
  return first && last && gapBetween(first.offset, last.offset) > TOLERANCE ? [last] : [];
}

function clockApart(clock: Clock, middle: Clock, { quarantineTime }: Terms): Finding {
  const isBeyond = gapBetween(clock.offset, middle.offset) + MARGIN > quarantineTime;
  return {
    level: isBeyond ? 'unsound' : 'warning',
    code: 'CLOCKS_APART',
    node: clock.name,
    message:
      `its clock is ${distance(clock, middle)} that of ${middle.name}: nodes do not agree on a fencing token at once, ` +
      'so a lock takes a second round trip' +
      (isBeyond
        ? ', and when a node forgets its counters a token may be lower than an earlier one'
        : ''),
    remedy: REMEDY,
  };
}

function distance(a: Clock, b: Clock): string {
  const seconds = (middleOf(a.offset) - middleOf(b.offset)) / 1000;
  return `${Math.abs(seconds).toFixed(1)} s ${seconds < 0 ? 'behind' : 'ahead of'}`;
}
