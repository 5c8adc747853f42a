import type { Random } from 'test-kit/random';
import type { ClientFault, Fault, NodeFault, Side } from './fault.js';
import { CLIENTS, NODES, QUORUM, TTL, type Variant, distrustOf } from './variant.js';

/** In ms, between two faults; several are on at once. */
const PACE = [50, 700] as const;
const NODE_LASTS = [200, 4000] as const;
const BLACKOUT_LASTS = [500, 4000] as const;
/** A node is left alone for so long after a fault, in ms. */
const REST = 500;
/** Of all faults. */
const CLIENT_SHARE = 0.2;
/** Of node faults: those that strike although they take the majority away. */
const BLACKOUT_SHARE = 0.1;
/** In ms, between two turnovers. Each waits until all nodes are there. */
const TURNOVERS = [1500, 6000] as const;
const KEEPING: readonly [NodeFault['kind'], ...NodeFault['kind'][]] = [
  'kill',
  'stop',
  'cut',
  'silence',
  'delay',
];
const BOTH: readonly Side[] = [0, 1];

interface Turnover {
  readonly absences: readonly (Fault & NodeFault)[];
  readonly pause: Fault & ClientFault;
  readonly loss: Fault & NodeFault;
}

/**
 * Faults at random. Mostly a majority of nodes is up, a changing one; now and then there is none.
 * @param ms in which all of them begin
 */
export function planFaults(random: Random, variant: Variant, ms: number): Fault[] {
  const faults: Fault[] = [];
  /** Until when each node does not count, or is not to be hurt again. */
  const away = Array.from({ length: NODES }, () => 0);
  const strike = (fault: Fault & NodeFault): void => {
    faults.push(fault);
    away[fault.node] = fault.at + fault.lasts + REST + distrustOf(variant, fault.kind);
  };
  let nextTurnover = 2 * TTL;
  for (let at = TTL; at < ms; at += random.between(PACE[0], PACE[1])) {
    if (random.chance(CLIENT_SHARE)) {
      faults.push({ at, ...clientFault(random, variant) });
      continue;
    }
    const there = random.shuffled(away.flatMap((until, node) => (until < at ? [node] : [])));
    const [first, second, third] = there;
    if (first === undefined) continue;
    if (at >= nextTurnover) {
      if (second === undefined || third === undefined || there.length < NODES) continue;
      const { absences, pause, loss } = turnover(random, variant, at, [first, second, third]);
      for (const fault of [...absences, loss]) strike(fault);
      faults.push(pause);
      nextTurnover = at + random.between(TURNOVERS[0], TURNOVERS[1]);
      continue;
    }
    const isBlackout = random.chance(BLACKOUT_SHARE);
    if (there.length <= QUORUM && !isBlackout) continue;
    const [shortest, longest] = isBlackout ? BLACKOUT_LASTS : NODE_LASTS;
    strike({ at, lasts: random.between(shortest, longest), ...nodeFault(random, variant, first) });
  }
  return faults;
}

/**
 * What would give a lock to two if a node that forgot were trusted: a holder has the least quorum, one of that is
 * killed while the holder is paused, and the others come back.
 */
function turnover(
  random: Random,
  { forgets }: Variant,
  at: number,
  nodes: readonly [number, number, number],
): Turnover {
  const [killed, ...absent] = nodes;
  const lasts = random.between(500, 1500);
  const back = at + lasts;
  const kind = forgets ? 'forget' : 'kill';
  return {
    absences: absent.map((node) => ({ at, lasts, kind: 'cut', node, sides: BOTH })),
    pause: { at: back - 100, lasts: TTL * 1.2, kind: 'pause', holder: true, client: 0 },
    loss: { at: back - 50, lasts: 10, kind, node: killed, sides: BOTH },
  };
}

function nodeFault(random: Random, { forgets }: Variant, node: number): NodeFault {
  const kind = forgets && random.chance(0.5) ? 'forget' : random.pick(KEEPING);
  return { kind, node, sides: random.pick([BOTH, BOTH, [0], [1]]) };
}

function clientFault(
  random: Random,
  { crashes }: Variant,
): ClientFault & { readonly lasts: number } {
  const kind = random.chance(0.75) || !crashes ? 'pause' : 'crash';
  const client = random.integer(0, CLIENTS - 1);
  return { kind, client, holder: random.chance(0.6), lasts: TTL * random.between(1.1, 2.5) };
}
