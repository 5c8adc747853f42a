import type { ErrorData } from 'redlock-core';
import type { Questions } from './answer.js';
import type { Probe, Purpose } from './probes.js';

/** A right that the user of a node lacks. */
export interface MissingRight {
  readonly purpose: Purpose;
  /** As ACL SETUSER takes it: a command, a key pattern or a channel pattern. */
  readonly right: string;
}

/** What came of the probes. */
export interface RightsFacts {
  readonly missing: readonly MissingRight[];
  /** Why the server refuses what a lock is made of, whoever asks; null: it does not. */
  readonly refusal: ErrorData | null;
}

export async function readRights(
  questions: Questions,
  probes: readonly Probe[],
): Promise<RightsFacts> {
  const errors = await Promise.all(
    probes.map(async ({ command }) => (await questions.ask(...command)).error),
  );
  const missing = probes.flatMap((probe, i) => missingRight(probe, errors[i]) ?? []);
  const refusal = errors.find((error, i) => {
    return error && probes[i]?.purpose === 'lock' && isRefusal(error, probes[i]);
  });
  return { missing: eachOnce(missing), refusal: refusal ?? null };
}

function missingRight(
  { purpose, right, on }: Probe,
  error: ErrorData | undefined,
): MissingRight | null {
  if (!error) return null;
  const { code, message } = error;
  // The server does not have it at all, or an administrator has renamed it.
  if (/^ERR unknown (sub)?command/i.test(message)) return { purpose, right };
  if (code !== 'NOPERM') return null;
  return {
    purpose,
    right: on && /\b(key|keys|channel|channels)\b/.test(message) ? on.pattern : right,
  };
}

/** `NOSCRIPT` is how a server answers that knows no script of that name. */
function isRefusal(error: ErrorData, probe: Probe): boolean {
  return error.code !== 'NOSCRIPT' && missingRight(probe, error) === null;
}

function eachOnce(rights: readonly MissingRight[]): MissingRight[] {
  return [...new Map(rights.map((each) => [`${each.purpose} ${each.right}`, each])).values()];
}
