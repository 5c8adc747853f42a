import { BatchEncoder, programOf } from '../../src/protocol/batch.js';
import { Claim } from '../../src/protocol/claim.js';
import { lockKeysOf, type LockKeys } from '../../src/protocol/lock-keys.js';
import {
  adopt,
  confirm,
  extend,
  grant,
  heal,
  inspect,
  leave,
  release,
  type Operation,
} from '../../src/protocol/operation.js';
import type { LockMode } from '../../src/mode.js';
import { PermitKeys } from '../../src/protocol/permit-keys.js';
import type { Form } from '../../src/protocol/program.js';
import { QuarantineTime } from '../../src/node/identity/quarantine-time.js';
import { Round } from '../../src/node/round.js';

/** An operation as a test words it. */
export interface Wording {
  readonly kind: Operation['kind'];
  readonly resources: readonly string[];
  readonly token?: string;
  readonly ttl?: number | undefined;
  /** A proposal or a fencing token; none: without fencing. */
  readonly fence?: number | undefined;
  /** Of an adoption: the token that is replaced. */
  readonly from?: string;
  /** Of a release: the token that is put in the place of its own, and for how long, in ms. */
  readonly successor?: string;
  readonly keepFor?: number;
  /** What it does in the queues, one for each resource. */
  readonly entries?: readonly string[];
  readonly mode?: LockMode | undefined;
  /** How many permits there are, if the one resource is a permit, as in `{name}:permit:0`; none: it is not. */
  readonly permits?: number;
}

/**
 * The command that the core sends for these operations, script and all.
 * @param form by default the program that the core chooses
 */
export function commandOf(operations: readonly Wording[], form?: Form): string[] {
  const rounds = operations.map((wording) => new Round(operationOf(wording), 0, () => false));
  const encoder = new BatchEncoder(
    new QuarantineTime(undefined, { servers: new WeakMap(), longestTtl: 5000 }, () => {}),
  );
  return [...encoder.commandFor(rounds, form ?? programOf(rounds), true)];
}

function keysOf(
  resources: readonly string[],
  fenced: boolean,
  permits?: number,
  mode?: LockMode,
): LockKeys {
  if (permits === undefined) return lockKeysOf(resources, '', fenced, [], mode);
  const [, stem = '', permit] = /^(.*):permit:(\d+)$/.exec(resources.join('')) ?? [];
  return new PermitKeys(`${stem}:permits:waiting`, Number(permit), permits, fenced);
}

function operationOf({
  kind,
  resources,
  token = '',
  ttl = 60_000,
  fence,
  from = '',
  successor,
  keepFor = 0,
  entries,
  mode,
  permits,
}: Wording): Operation {
  const claim = new Claim(keysOf(resources, fence !== undefined, permits, mode), token);
  claim.fencingToken = fence ?? 0;
  claim.keepFor = keepFor;
  claim.successor = successor ?? null;
  if (kind === 'grant') return grant(claim, ttl, fence ?? 0, entries);
  if (kind === 'release') return release(claim, ttl, { entries: entries ?? null });
  if (kind === 'leave') return leave(claim, entries ?? []);
  if (kind === 'adopt') return adopt(claim, ttl, fence ?? 0, from);
  const makers = { extend, confirm, heal, inspect };
  return makers[kind](claim, ttl);
}
