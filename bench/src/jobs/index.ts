import { acquireAfar } from './acquire-afar.js';
import { confirms } from './confirms.js';
import { contend } from './contend.js';
import { cycle } from './cycle.js';
import { hold } from './hold.js';
import { keep } from './keep.js';
import { keepAfar } from './keep-afar.js';
import { loseNode } from './lose-node.js';
import { waitInTurn } from './wait-in-turn.js';

/** What helper processes do. A job makes itself ready, and returns what is to be measured. */
export const JOBS = {
  acquireAfar,
  confirms,
  contend,
  cycle,
  hold,
  keep,
  keepAfar,
  loseNode,
  waitInTurn,
};

export type JobName = keyof typeof JOBS;

export type JobInput<Name extends JobName> = Parameters<(typeof JOBS)[Name]>[0];

export type JobOutput<Name extends JobName> = Awaited<
  ReturnType<Awaited<ReturnType<(typeof JOBS)[Name]>>>
>;
