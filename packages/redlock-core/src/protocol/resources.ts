import { isHelperKey, isPermitKey } from './keys.js';

/**
 * The most resources in one call. One script call takes all of them, and a script must not block its server for long.
 */
const MOST_RESOURCES = 1000;

/**
 * The resources of one call, each once, in the order given.
 *
 * Perf: client's CPU a lock. The list is not frozen, because V8 iterates frozen arrays slowly. What users are shown is
 * a frozen copy.
 * @param mayBePermit whether a resource may be the permit of a semaphore
 * @throws TypeError, RangeError for bad arguments
 */
export function parseResources(
  given: string | readonly string[],
  keyPrefix: string,
  mayBePermit = false,
): readonly string[] {
  if (typeof given !== 'string' && !Array.isArray(given)) {
    throw new TypeError('resources must be a string or an array of strings');
  }
  const resources = typeof given === 'string' ? [given] : [...new Set(given)];
  if (resources.length === 0) throw new RangeError('resources must name at least one resource');
  if (resources.length > MOST_RESOURCES) {
    throw new RangeError(
      `resources must name at most ${MOST_RESOURCES} resources, not ${resources.length}`,
    );
  }
  for (const resource of resources) {
    if (typeof resource !== 'string') {
      throw new TypeError(`A resource must be a string, not ${kindOf(resource)}`);
    }
    if (!resource.isWellFormed()) {
      throw new RangeError('A resource must be well-formed Unicode, without lone surrogates');
    }
    if (resource === '') throw new RangeError('A resource must not be an empty string');
    if (isHelperKey(keyPrefix + resource)) {
      throw new RangeError(
        `The resource ${JSON.stringify(resource)} would be the name of a helper key; choose another name`,
      );
    }
    if (!mayBePermit && isPermitKey(keyPrefix + resource)) {
      throw new RangeError(
        `The resource ${JSON.stringify(resource)} would be the permit of a semaphore; use semaphore(), or choose another name`,
      );
    }
  }
  return resources;
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}
