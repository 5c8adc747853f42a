import type { Core } from '../lock/core.js';
import { quote } from '../errors.js';
import type { Request } from '../attempt/request.js';

/**
 * What an error says of a resource that a lock of this very Redlock holds, often the caller's own. Which
 * `using` routine a caller runs in is known only of reentrant ones: to follow all of them would cost every
 * `using` an eighth more on Node 20, and every promise of the process something.
 */
export function tellOwnHolder({ lines }: Core, { resources, owned }: Request): string | undefined {
  const holders = resources.map((resource) => lines.holderOf(resource));
  const holder = holders.find(Boolean);
  if (!holder) return undefined;
  const held = quote(resources.filter((_, index) => holders[index] === holder));
  if (owned?.some((hold) => hold === holder)) {
    return (
      `${held} is locked by the caller itself: the using routine around this call holds it; ` +
      'pass reentrant: true to this call too to share the lock'
    );
  }
  return holder.forRoutine
    ? `${held} is locked by this very Redlock, in a using routine: if the caller itself runs in it, ` +
        'pass reentrant: true to both calls to share the lock; otherwise wait longer or try again later'
    : `${held} is locked by this very Redlock, in another call; release that lock, wait longer or try again later`;
}
