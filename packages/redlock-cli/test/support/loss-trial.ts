import { Deployment } from 'test-kit';
import { startWatched } from './watched-run.js';

const NODES = 3;
/** What a holder takes off its ttl because clocks drift (driftFactor, and 2 ms). */
const driftOf = (ttl: number): number => ttl * 0.01 + 2;

export interface LossTrial {
  /** How long before the end of validity the command was dead, in ms; negative: after it. */
  readonly early: number;
  /** How long after the loss of the nodes the command was dead, in ms. */
  readonly lived: number;
  readonly code: number | null;
  /** The signals that the command has got before SIGKILL. */
  readonly signals: readonly string[];
}

/**
 * Runs a command that ignores SIGTERM, and at a random moment of the first ttl has a majority of nodes answer nothing any
 * more.
 *
 * All times are of the clock of this machine. The end of validity is seen from outside: the first of the lost nodes on
 * which the lock's key expires, less the drift that a holder must reckon with. Death is when the kernel closes the
 * command's connection.
 */
export async function loseMajority(ttl: number): Promise<LossTrial> {
  await using deployment = await Deployment.start(NODES);
  const { program, command } = await startWatched(deployment, ['--ttl', `${ttl}ms`]);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * ttl));

  const reached = Math.floor(Math.random() * NODES);
  const lost = deployment.nodes.filter((_, index) => index !== reached);
  for (const { proxy } of lost) proxy.blackHole();
  const lostAt = Date.now();
  const ends = await Promise.all(
    lost.map(async ({ probe }) => {
      const askedAt = Date.now();
      return askedAt + (await probe.pttl('job'));
    }),
  );
  const diedAt = await command.died;
  const { code } = await program.ended;
  return {
    early: Math.min(...ends) - driftOf(ttl) - diedAt,
    lived: diedAt - lostAt,
    code,
    signals: command.signals,
  };
}
