import type { Check } from './checks/check.js';
import { clocks } from './checks/clocks.js';
import { failover } from './checks/failover.js';
import { hosts } from './checks/hosts.js';
import { identity } from './checks/identity.js';
import { memory } from './checks/memory.js';
import { persistence } from './checks/persistence.js';
import { quorum } from './checks/quorum.js';
import { reachability } from './checks/reachability.js';
import { replication } from './checks/replication.js';
import { rights } from './checks/rights.js';
import { roundTrips } from './checks/round-trips.js';
import { setSize } from './checks/set-size.js';
import { version } from './checks/version.js';
import { visibility } from './checks/visibility.js';
import { writes } from './checks/writes.js';

/** All checks. Findings of one level are told in this order. */
export const CHECKS: readonly Check[] = [
  quorum,
  reachability,
  identity,
  replication,
  failover,
  persistence,
  memory,
  rights,
  writes,
  clocks,
  roundTrips,
  version,
  setSize,
  visibility,
  hosts,
];
