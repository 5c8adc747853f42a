import type { Finding } from '../diagnosis.js';
import type { SetFacts } from '../facts/node-facts.js';

/** Looks for one kind of danger. Asks nobody: all facts were gathered before. */
export type Check = (facts: SetFacts) => readonly Finding[];
