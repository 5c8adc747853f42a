import type { Claim, Written, Operation } from '../protocol/operations.js';
import { encode, inSections } from '../protocol/commands.js';
import type { Script } from '../protocol/script/index.js';
import type { TimeoutTerms } from './timeouts.js';

/** One operation that is sent to nodes. */
export interface Asked {
  readonly operation: Operation;
  /** null: it has none, as inspections. */
  readonly claim: Claim | null;
  /** Whether its outcome is known. Then only a release is worth sending. */
  readonly isDecided: boolean;
}

/** The terms that all requests of a batch share. */
export interface RequestTerms extends TimeoutTerms {
  /** When the operations were requested, on the monotonic clock. */
  readonly start: number;
  /** How long a fencing counter outlives the lock that raised it, in ms. */
  readonly counterGrace: number;
  /** Where the batch was written. Links fill it in. */
  readonly written: Written;
}

/** A script with its arguments, as `EVALSHA` has them. */
interface Words {
  readonly script: Script;
  readonly words: readonly string[];
}

/** Operations that a node gets in one command. Nodes that get the same ones share a request, and so its encoding. */
export class Request<A extends Asked = Asked> {
  /** In the order of the replies. */
  readonly asked: readonly A[];
  readonly terms: RequestTerms;
  readonly #sections: readonly (readonly A[])[];
  #standalone: Words | null = null;
  #cluster: Words | null = null;

  constructor(asked: readonly A[], terms: RequestTerms) {
    this.#sections = inSections(asked);
    this.asked = this.#sections.length === 1 ? (this.#sections[0] ?? []) : this.#sections.flat();
    this.terms = terms;
  }

  /** The command. Perf: client's CPU. It is the same array for all nodes that are alike, so an adapter can encode it once. */
  command(onCluster: boolean): Words {
    if (onCluster) return (this.#cluster ??= this.#encode(true, false));
    return (this.#standalone ??= this.#encode(false, false));
  }

  /** The command for the large script, if the small one could not answer. */
  largeCommand(onCluster: boolean): Words {
    return this.#encode(onCluster, true);
  }

  #encode(onCluster: boolean, isLarge: boolean): Words {
    const { script, args } = encode(this.#sections, this.terms.counterGrace, onCluster, isLarge);
    return { script, words: ['evalsha', script.sha, ...args] };
  }
}
