import { afterAll, beforeAll } from '@jest/globals';
import { testPrograms } from './formats/programs.js';
import { testRuntimes } from './formats/runtimes.js';
import { testTestRunners } from './formats/test-runners.js';
import { testTypes } from './formats/types.js';
import { PackedProject } from './support/packed-project.js';

// One file, because packing takes longer than most of these tests.
let project: PackedProject;
const packed = (): PackedProject => project;

beforeAll(async () => {
  project = await PackedProject.make();
});

afterAll(() => project.remove());

testTypes(packed);
testPrograms(packed);
testTestRunners(packed);
testRuntimes(packed);
