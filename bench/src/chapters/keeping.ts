import { Fleet, NODES, TTL } from '../fleet.js';
import { withHelpers } from '../helper.js';
import type { Plan } from '../plan.js';
import { COPY, OURS, REFERENCE } from '../roster.js';
import { show, showSpread, spreadOf, sumOf } from '../spread.js';
import { ratioHeader, section } from '../table.js';
import type { Chapter } from './index.js';

interface Round {
  readonly extensions: number;
  readonly lost: number;
  /** For one extension. */
  readonly clientMicros: number;
  /** For one extension and node. */
  readonly commands: number;
}

const NAMES = [OURS[0], REFERENCE, COPY];

/** Many locks that one process keeps, beside one command for each lock and node; in turns. */
export const keeping: Chapter = async ({ plan: { keeping: plan }, progress }) => {
  await using fleet = await Fleet.start();
  const inScripts = new Set([...(await fleet.onlyInScripts(OURS[0])), 'get', 'pexpire']);
  const subjects = NAMES.map((name): { name: string; rounds: Round[] } => ({ name, rounds: [] }));
  for (let round = 0; round < plan.rounds; round++) {
    for (const { name, rounds } of round % 2 === 0 ? subjects : subjects.toReversed()) {
      progress(`keep locks, round ${round + 1}: ${name}`);
      rounds.push(await keep(fleet, inScripts, name !== OURS[0], plan));
    }
  }
  const references = subjects.find(({ name }) => name === REFERENCE)?.rounds ?? [];
  const rows = subjects.map(({ name, rounds }) => {
    const figures = (figure: keyof Round): number[] => rounds.map((round) => round[figure]);
    const micros = figures('clientMicros');
    return {
      name,
      extensions: sumOf(figures('extensions')),
      lost: sumOf(figures('lost')),
      micros: spreadOf(micros),
      ratio: spreadOf(micros.map((one, at) => one / (references[at]?.clientMicros ?? NaN))),
      commands: spreadOf(figures('commands')),
    };
  });
  return [
    section(
      `${show(plan.locks, 0)} locks kept`,
      `Held by one process with a ttl of 10 s and extended automatically, beside one timer for each lock and one command for each lock and node. Medians of ${plan.rounds} rounds of ${plan.ms / 1000} s (min–max over the rounds), in turn, the order reversed each round; extensions and lost locks of all rounds. Ratios are those of the client's CPU.`,
      [
        '',
        'extensions',
        'lost',
        'client CPU µs an extension',
        ratioHeader(rows),
        'commands an extension and node',
      ],
      rows.map((row) => [
        row.name,
        show(row.extensions, 0),
        show(row.lost, 0),
        showSpread(row.micros, 1),
        showSpread(row.ratio, 2),
        show(row.commands.median, 4),
      ]),
    ),
  ];
};

async function keep(
  { meter, servers }: Fleet,
  inScripts: ReadonlySet<string>,
  byHand: boolean,
  { locks, ms }: Plan['keeping'],
): Promise<Round> {
  await meter.clear();
  return withHelpers('keep', [{ servers, ttl: TTL, locks, ms, byHand }], async (run) => {
    const end = await meter.begin();
    const [output] = await run(ms + 30_000);
    const usage = await end();
    const { extensions = NaN, lost = NaN, cpuMicros = NaN } = output ?? {};
    return {
      extensions,
      lost,
      clientMicros: cpuMicros / extensions,
      commands: usage.commands(inScripts) / extensions / NODES,
    };
  });
}
