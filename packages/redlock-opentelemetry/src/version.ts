import manifest from '../package.json' with { type: 'json' };

/** The name and the version of this package, which spans and metrics have as their scope. */
export const { name: NAME, version: VERSION } = manifest;
