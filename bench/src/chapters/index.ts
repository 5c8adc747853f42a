import type { Chapter } from './chapter.js';
import { confirms } from './confirms.js';
import { contention } from './contention.js';
import { delay } from './delay.js';
import { faults } from './faults.js';
import { footprint } from './footprint.js';
import { growth } from './growth.js';
import { handOff } from './hand-off.js';
import { held } from './held.js';
import { keeping } from './keeping.js';
import { latency } from './latency.js';
import { mixture } from './mixture.js';
import { nodeAway } from './node-away.js';
import { semaphore } from './semaphore.js';
import { sharing } from './sharing.js';
import { telemetry } from './telemetry.js';
import { throughput } from './throughput.js';

/** In the order of the report. */
export const CHAPTERS: readonly Chapter[] = [
  latency,
  delay,
  throughput,
  nodeAway,
  confirms,
  held,
  keeping,
  growth,
  handOff,
  contention,
  semaphore,
  faults,
  mixture,
  sharing,
  telemetry,
  footprint,
];
