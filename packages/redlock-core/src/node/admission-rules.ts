import type { Operation } from '../protocol/operation.js';
import { DISCONNECTED, NOT_READY, NOT_SENT, SILENT, type Failure } from '../protocol/outcome.js';
import type { CleanUp } from './cleanup/clean-up.js';
import type { Connection } from './connection.js';
import type { Identity } from './identity/identity.js';
import type { Liveness, ServerLiveness } from './liveness.js';
import type { Round } from './round.js';

/**
 * If the client has given up all commands to a silent server, more is sent there only while fewer claims than this are
 * owed a release by the node.
 */
const DEBT_LIMIT = 64;

/**
 * The rules by which an operation is written to a node now, or not.
 *
 * Invariants: everything but a release is written only while the node is ready and the claim is not over. While a
 * command is in flight to a silent server, it receives only releases, so its backlog cannot grow.
 */
export class AdmissionRules {
  readonly #connection: Connection;
  readonly #liveness: Liveness;
  readonly #cleanUp: CleanUp;
  readonly #identity: Identity | null;

  constructor(connection: Connection, liveness: Liveness, cleanUp: CleanUp) {
    this.#connection = connection;
    this.#liveness = liveness;
    this.#cleanUp = cleanUp;
    this.#identity = connection.identity;
  }

  /**
   * `write`: the operation is written now, and is counted as written already. `wait`: it waits for the connection.
   * Otherwise: the node's vote, which is known without asking the node.
   */
  decide(round: Round): 'write' | 'wait' | Failure {
    const { operation } = round;
    const server = this.#liveness.of(round);
    if (operation.kind === 'release') {
      const refusal = this.#refuseRelease(operation);
      if (refusal) return refusal;
    } else {
      const refusal = this.#refuse(operation, server);
      if (refusal) return refusal;
      if (!this.#connection.isUsable) return 'wait';
      this.#identity?.require();
    }
    this.#cleanUp.begin(operation);
    server.written();
    return 'write';
  }

  #refuseRelease(operation: Operation): Failure | undefined {
    // If nothing of a claim was ever written to a node, the node has nothing to release.
    if (!this.#cleanUp.knows(operation)) return NOT_SENT;
    if (this.#connection.isGone) {
      this.#cleanUp.forgo(operation);
      return DISCONNECTED;
    }
    if (this.#connection.isUsable) return undefined;
    this.#cleanUp.postpone(operation);
    return NOT_READY;
  }

  #refuse({ claim }: Operation, server: ServerLiveness): Failure | undefined {
    if (claim.over) return NOT_SENT;
    const refusal = this.#identity?.refuse();
    if (refusal) return refusal;
    if (!server.isSilent) return undefined;
    // A command in flight shows when the server answers again. If the client has given up all commands, a release that
    // is owed shows it, or else this operation, while few releases are owed.
    if (server.isIdle) this.#cleanUp.debts.pay(1);
    return server.isIdle && this.#cleanUp.debts.count < DEBT_LIMIT ? undefined : SILENT;
  }
}
