import { createHash } from 'node:crypto';
import source from './script/batch.lua';

/** The one script that nodes run. What its arguments and replies mean, `script/batch.lua` says. */
export const program = { source, sha: createHash('sha1').update(source).digest('hex') };
