import type { Subject } from '../subject.js';
import { ioredisSubjects } from './ioredis.js';
import { memorySubject } from './memory.js';
import { nodeRedisSubjects } from './node-redis.js';
import { valkeyGlideSubject } from './valkey-glide.js';

export const subjects: readonly Subject[] = [
  memorySubject,
  ...ioredisSubjects,
  ...nodeRedisSubjects,
  valkeyGlideSubject,
];

/** @param client as the table names it */
export function subjectOf(client: string): Subject {
  const subject = subjects.find((one) => one.client === client);
  if (!subject) throw new Error(`There is no ${client} among the subjects`);
  return subject;
}
