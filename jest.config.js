const source = (path) => `<rootDir>/${path}/src/index.ts`;

/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/{packages/*,testbed,examples,chaos,bench,consumers}/test/**/*.test.ts'],
  // A rejection nobody handles, a timer or a socket left behind fails the test file.
  testEnvironment: '<rootDir>/testbed/leak-check-environment.js',
  globalSetup: '<rootDir>/testbed/dist/jest-setup.js',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  moduleNameMapper: {
    '^redlock-core$': source('packages/redlock-core'),
    '^redlock-core/memory$': '<rootDir>/packages/redlock-core/src/memory/index.ts',
    '^redlock-ioredis-adapter$': source('packages/redlock-ioredis-adapter'),
    '^testbed$': source('testbed'),
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  // A container takes seconds for what a process does in milliseconds.
  testTimeout: process.env.REDIS_NODES === 'docker' ? 120_000 : 30_000,
  maxWorkers: 2,
};
