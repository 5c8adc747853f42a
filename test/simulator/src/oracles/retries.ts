import type { Deployment } from '../run/deployment.js';
import type { Client } from '../run/client.js';
import type { Holding } from '../run/holding.js';
import { operationsIn } from '../server/commands.js';
import type { Call, Oracle } from '../run/events.js';
import type { ClientProcess } from '../world/process.js';
import type { Scene } from '../run/scene.js';

/** An extension that has failed is repeated within this part of the validity that is left. */
const PAUSE = 0.1;
/** How late the timers of one extension may be in all, in ms. */
const SLACK = 5;
/** How much longer the core waits for a connection, because it takes late timers for standstills, in ms. */
const STANDSTILLS = 25;
/** The shortest and the longest default timeout, in ms. */
const TIMEOUTS = [50, 1000] as const;

/** An automatic extension that is under way or has failed. */
interface Attempt {
  /** When its latest command was written, on the monotonic clock of the process. */
  at: number;
  /** The same moment in true time. */
  since: number;
  /** The latest command that extends the lock, by the position of its node. */
  readonly calls: Map<number, Call>;
}

/** The commands that one process gives to the client of one node. */
interface Contact {
  /** The commands that are not answered. */
  readonly open: Set<Call>;
  /** Since when the node answers all of them in time, on the monotonic clock of the process. */
  promptSince: number;
}

/**
 * An automatic extension that fails is repeated soon, if a quorum of nodes can be asked. The oracle judges by what is
 * asked alone: the nodes may refuse, or be in quarantine, or answer too late.
 */
export class Retries implements Oracle {
  readonly #contacts = new Map<ClientProcess, Contact[]>();
  /** The latest one of each lock, by token. */
  readonly #attempts = new Map<string, Attempt>();

  constructor(
    private readonly scene: Scene,
    private readonly deployment: Pick<Deployment, 'clients'>,
  ) {}

  called(call: Call): void {
    this.#contact(call).open.add(call);
    for (const { verb, repairs, token } of operationsIn(call.command)) {
      if (verb === 'e' && !repairs) this.#began(token, call);
    }
  }

  answered(call: Call): void {
    const contact = this.#contact(call);
    contact.open.delete(call);
    if (this.#isLate(call, call.answeredAt)) contact.promptSince = call.answeredAt;
  }

  renewed({ token }: Holding): void {
    this.#attempts.delete(token);
  }

  lost(holding: Holding): void {
    this.#judge(holding);
  }

  #began(token: string, call: Call): void {
    const holding = this.scene.holdings.firstOf(token);
    if (!holding) return;
    this.#judge(holding);
    // A command of the caller's extension may leave after that was decided by votes that needed no command.
    const isOfCaller = holding.owner.extendingEndedAt === this.scene.world.now;
    if (holding.isExtendedByCaller || isOfCaller) {
      this.#attempts.delete(token);
      return;
    }
    const known = this.#attempts.get(token);
    // A command that has waited for a connection may belong to an extension that has succeeded meanwhile.
    if (!known && this.#isFirstOfConnection(call)) return;
    const attempt = known ?? { at: 0, since: 0, calls: new Map() };
    attempt.at = call.at;
    attempt.since = this.scene.world.now;
    attempt.calls.set(call.node, call);
    this.#attempts.set(token, attempt);
  }

  /** Whether the connection to its node was made at this moment. */
  #isFirstOfConnection({ process, node }: Call): boolean {
    const { dialer } = this.#clientOf(process)?.connections[node] ?? {};
    return dialer?.upSince === this.scene.world.now;
  }

  #clientOf(process: ClientProcess): Client | undefined {
    return this.deployment.clients.find((client) => client.process === process);
  }

  /** Looks whether the next extension should have begun before now. */
  #judge(holding: Holding): void {
    const { token, process, extendedUntil, ends } = holding;
    const attempt = this.#attempts.get(token);
    const client = this.#clientOf(process);
    if (!attempt || !ends || !client || client.isGone || this.scene.plan.throws > 0) return;
    if (holding.isExtendedByCaller || process.calmSince > attempt.since) return;
    const due = this.#dueOf(attempt, client, ends.mono);
    const until = Math.min(process.mono.read() - holding.overdue, extendedUntil - 1);
    if (until <= due) return;
    this.scene.fail(
      'retries',
      `${token} was extended in vain at ${attempt.at}, and no more until ${until}, although it was due at ${due}`,
    );
  }

  /**
   * When the next extension begins at the latest, if this one has failed.
   * @param ends when the validity ends
   */
  #dueOf(attempt: Attempt, client: Client, ends: number): number {
    const reach = this.#reachOf(client);
    const { at } = attempt;
    // Before a quorum can be asked, an extension may begin that writes no command and so is not seen here.
    const end =
      reach <= at ? this.#endOf(attempt, client) : reach + this.#timeouts[1] + STANDSTILLS;
    return end + Math.max(ends - end, 0) * PAUSE + SLACK;
  }

  /** Since when the process can ask a quorum of nodes; Infinity: it cannot. */
  #reachOf(client: Client): number {
    const { quorum } = this.scene;
    const now = client.process.mono.read();
    const since = client.connections.map(({ dialer }, node) => {
      const { promptSince, open } = this.#contact({ process: client.process, node });
      const isSilent = [...open].some((call) => this.#isLate(call, now));
      if (!dialer.stream || isSilent) return Infinity;
      return Math.max(promptSince, client.process.mono.readAt(dialer.upSince));
    });
    return since.toSorted((a, b) => a - b)[quorum - 1] ?? Infinity;
  }

  /** When all nodes have voted, at the latest. */
  #endOf({ at, since, calls }: Attempt, { connections }: Client): number {
    const latest = at + this.#timeouts[1];
    const votes = connections.map(({ dialer, cluster }, node) => {
      if (!dialer.stream || dialer.upSince > since) return latest + STANDSTILLS;
      // Redirections change the order of replies, so the vote may have to wait for the reply to an earlier INFO.
      if (cluster) return latest;
      const call = calls.get(node);
      // If nothing was written although there is a connection, the node is silent and fails at once.
      return Math.min(Math.max(call?.answeredAt ?? at, at), latest);
    });
    return Math.max(...votes);
  }

  #contact({ process, node }: Pick<Call, 'process' | 'node'>): Contact {
    const contacts = this.#contacts.get(process) ?? [];
    this.#contacts.set(process, contacts);
    return (contacts[node] ??= { open: new Set(), promptSince: -Infinity });
  }

  #isLate({ at }: Call, now: number): boolean {
    return now - at >= this.#timeouts[0] - 1;
  }

  get #timeouts(): readonly [least: number, most: number] {
    const { nodeTimeout } = this.scene.plan;
    return nodeTimeout === undefined ? TIMEOUTS : [nodeTimeout, nodeTimeout];
  }
}
