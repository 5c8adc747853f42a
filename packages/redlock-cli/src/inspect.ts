import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Holder,
  type Inspection,
  type NodeInspection,
  QuorumError,
  Redlock,
  type SemaphoreInspection,
} from 'redlock-core';
import { ExitCode, formatDuration, plural } from './io.js';
import { connectionOf } from './nodes.js';
import { asUsage, type Command, flag, MAX_PERMITS, number, parse, resourceOf } from './options.js';

const OPTIONS = {
  json: flag('one line of JSON, with tokens, which allow to release the lock'),
  watch: flag('look every second, and print again when something has changed'),
  permits: number('K', 'show the K permits of run --permits K', null, [1, MAX_PERMITS]),
};

/** How often `--watch` looks, in ms. */
const INTERVAL = 1000;

/** `redlock inspect`: shows who holds a lock. */
export const inspect: Command = {
  name: 'inspect',
  summary: 'shows who holds a lock',
  synopsis: '[OPTION]… RESOURCE',
  details: 'Shows who holds a lock, as a quorum of the nodes reports it, and the key on each node.',
  options: OPTIONS,
  notes: `Exit codes: 0 held; 1 free; 64 usage; 69 too few nodes answered, or they disagree.

  redlock inspect nightly-report
  redlock inspect --permits 3 licences
  redlock inspect --json deploy | jq -r '.holders[].owner'
  until redlock inspect deploy; [ $? -eq 1 ]; do sleep 1; done
`,
  async run(args, io) {
    const { values, positionals } = parse(args, OPTIONS);
    const resource = resourceOf(positionals);
    const { nodes, options } = connectionOf(values, io.env);
    await using redlock = await asUsage(() => new Redlock(nodes, options));
    let shown = '';
    for (;;) {
      try {
        const { inspection, lines, code } = await asUsage(() =>
          look(redlock, resource, values.permits),
        );
        const fingerprint = JSON.stringify(inspection, withoutTimes);
        if (fingerprint !== shown) {
          io.print(`${values.json ? JSON.stringify(inspection) : lines.join('\n')}\n`);
        }
        shown = fingerprint;
        if (!values.watch) return code;
      } catch (error) {
        // A semaphore without a quorum. Of a lock, the nodes that answer are shown.
        if (!values.watch || !QuorumError.is(error)) throw error;
        if (shown !== error.code) io.log(error.message);
        shown = error.code;
      }
      await sleep(INTERVAL);
    }
  },
};

/** What is printed about a lock or a semaphore. */
interface View {
  readonly inspection: Inspection | SemaphoreInspection;
  /** The same for people. Shows no token, because a token allows to release the lock. */
  readonly lines: readonly string[];
  readonly code: number;
}

/** Leaves out what changes with the time that has passed. */
function withoutTimes(name: string, value: unknown): unknown {
  return name === 'expiresIn' || name === 'message' ? undefined : value;
}

async function look(redlock: Redlock, resource: string, permits: number | null): Promise<View> {
  return permits === null
    ? lockView(await redlock.inspect(resource))
    : semaphoreView(await redlock.semaphore(resource, permits).inspect());
}

const STATES: Record<Inspection['state'], (inspection: Inspection) => string> = {
  free: () => 'is free',
  exclusive: ({ holders }) => `is locked by ${holdersOf(holders)}`,
  shared: ({ holders }) => `is shared by ${holdersOf(holders)}`,
  undecided: () => 'is undecided: the nodes disagree. Look again in a moment.',
  unknown({ nodes }) {
    const answers = nodes.filter(({ error }) => !error).length;
    return `is unknown: ${answers} of ${plural(nodes.length, 'node')} answered. Check the others.`;
  },
};

const CODES: Record<Inspection['state'], number> = {
  free: ExitCode.NOT_HELD,
  exclusive: ExitCode.SUCCESS,
  shared: ExitCode.SUCCESS,
  undecided: ExitCode.UNAVAILABLE,
  unknown: ExitCode.UNAVAILABLE,
};

function lockView(inspection: Inspection): View {
  const { resource, state, waiting, nodes, holders } = inspection;
  const width = Math.max(...nodes.map(({ node }) => node.length));
  const owners = new Map(holders.map(({ token, owner }) => [token, owner ?? 'the holder']));
  const lines = [
    `${resource} ${STATES[state](inspection)}`,
    ...waitingLine(waiting),
    ...nodes.map((node) => `  ${node.node.padEnd(width)}  ${keyOn(node, owners)}`),
  ];
  return { inspection, lines, code: CODES[state] };
}

function semaphoreView(inspection: SemaphoreInspection): View {
  const { name, permits: count, held, holders, waiting } = inspection;
  const lines = [
    `${held} of ${plural(count, 'permit')} of ${name} ${held === 1 ? 'is' : 'are'} held`,
    ...waitingLine(waiting),
    ...holders.map(({ permit, owner, expiresIn }) => `  ${permit}  ${holder(owner, expiresIn)}`),
  ];
  return { inspection, lines, code: held > 0 ? ExitCode.SUCCESS : ExitCode.NOT_HELD };
}

function waitingLine(waiting: number): readonly string[] {
  return waiting > 0 ? [`${waiting} ${waiting === 1 ? 'process waits' : 'processes wait'}`] : [];
}

/** The holders of a lock: `web-3 for 7.2 s, another owner for 3.0 s`. */
export function holdersOf(holders: readonly Pick<Holder, 'owner' | 'expiresIn'>[]): string {
  return holders.map(({ owner, expiresIn }) => holder(owner, expiresIn)).join(', ');
}

function holder(owner: string | null, expiresIn: number | null): string {
  return `${owner ?? 'an owner without a label'} ${formatExpiry(expiresIn)}`;
}

function keyOn(
  { token, expiresIn, error }: NodeInspection,
  owners: ReadonlyMap<string, string>,
): string {
  if (error) return `failed: ${error.message}`;
  if (token === null) return expiresIn === null ? 'free' : `shared ${formatExpiry(expiresIn)}`;
  return `${owners.get(token) ?? 'another owner'} ${formatExpiry(expiresIn)}`;
}

/** `for 7.2 s`, of a time until a key expires. */
function formatExpiry(ms: number | null): string {
  return ms === null ? 'without expiry' : `for ${formatDuration(ms)}`;
}
