import type { Chapter } from '../chapter.js';
import { sites } from '../sites/sites.js';
import { trials } from '../trials/trials.js';
import { contention } from './contention.js';
import { handOver } from './hand-over.js';
import { keeping } from './keeping.js';
import { distance, latency } from './latency.js';
import { nodeAway } from './node-away.js';
import { semaphore } from './semaphore.js';
import { sharing } from './sharing.js';
import { throughput } from './throughput.js';
import { weight } from './weight.js';

/** In the order of the pages. */
export const CHAPTERS: readonly Chapter[] = [
  latency,
  distance,
  throughput,
  nodeAway,
  keeping,
  handOver,
  contention,
  sharing,
  semaphore,
  weight,
  sites,
  trials,
];
