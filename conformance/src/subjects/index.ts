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
