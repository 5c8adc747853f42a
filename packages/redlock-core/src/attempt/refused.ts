import type { Response } from '../node/response.js';
import type { GrantDetail } from '../protocol/reading.js';
import type { ConfirmVerdict, GrantVerdict } from '../quorum/verdict.js';

/**
 * Why an attempt got no lock. `late`: a quorum granted, but no validity was left by then. `stale`: too many of the
 * nodes that granted may have forgotten it since.
 */
export type Refusal =
  Exclude<GrantVerdict, 'granted'> | Exclude<ConfirmVerdict, 'confirmed'> | 'late' | 'stale';

/** An attempt that got no lock. */
export interface Refused {
  readonly granted: false;
  readonly refusal: Refusal;
  /** The responses that decided. After a confirm, those of nodes that confirmed have no detail. */
  readonly responses: readonly Response<GrantDetail | void>[];
}
