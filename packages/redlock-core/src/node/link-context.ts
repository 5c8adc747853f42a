import type { BatchEncoder } from '../protocol/batch.js';
import type { Runtime } from '../time/runtime.js';
import type { Tick } from '../time/tick.js';
import type { Stragglers } from './deadlines/stragglers.js';
import type { QuarantineEvents, QuarantineTerms } from './identity/quarantine.js';
import type { RunIds } from './identity/run-ids.js';
import type { NodeHealthEvents } from './node-health.js';

/** Everything that the links of one Redlock share. */
export interface LinkContext {
  readonly runtime: Runtime;
  readonly tick: Tick;
  readonly encoder: BatchEncoder;
  readonly stragglers: Stragglers;
  /** null: every node is trusted to keep all writes. */
  readonly quarantine: QuarantineTerms | null;
  readonly runIds: RunIds;
  readonly events: LinkEvents;
}

export interface LinkEvents extends NodeHealthEvents, QuarantineEvents {}
