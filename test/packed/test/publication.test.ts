import { expect, test } from '@jest/globals';
// @ts-expect-error a script without types
import { distTagOf } from '../../../scripts/publication.js';

test.each([
  ['1.2.1', 'latest'],
  ['1.0.0-beta.1', 'beta'],
  ['2.0.0-rc.0', 'rc'],
  ['2.0.0-20261125', 'next'],
  ['1.0.0+build-7', 'latest'],
])('version %s is published with the tag %s', (version, tag) => {
  expect(distTagOf(version)).toBe(tag);
});
