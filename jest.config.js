import { availableParallelism } from 'node:os';

const source = (path) => `<rootDir>/${path}/src/index.ts`;

/**
 * The tests of `pnpm test`. Files named *.slow.test.ts belong to `pnpm test:slow` (jest.slow.config.js).
 * @type {import('jest').Config}
 */
export default {
  testMatch: [
    '<rootDir>/{packages/*,bench,examples,examples/nest,site}/test/**/*.test.ts',
    '<rootDir>/test/**/*.test.ts',
  ],
  // The projects in test/packed/src are run by their own test runners.
  testPathIgnorePatterns: ['\\.slow\\.test\\.ts$', '/test/packed/src/'],
  // A rejection nobody handles, a timer or a socket left behind fails the test file.
  testEnvironment: '<rootDir>/test/kit/test-environment.js',
  testSequencer: '<rootDir>/test/kit/longest-first.js',
  reporters: ['default', '<rootDir>/test/kit/run-reporter.js'],
  globalSetup: '<rootDir>/test/kit/dist/jest-setup.js',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          experimental: { keepImportAttributes: true },
          parser: { syntax: 'typescript', decorators: true },
          // As applications of Nest are compiled.
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  moduleNameMapper: {
    '^redlock-core$': source('packages/redlock-core'),
    '^redlock-core/(.*)$': '<rootDir>/packages/redlock-core/src/$1/index.ts',
    '^redlock-ioredis-adapter$': source('packages/redlock-ioredis-adapter'),
    '^redlock-ioredis-adapter/iovalkey$':
      '<rootDir>/packages/redlock-ioredis-adapter/src/iovalkey.ts',
    '^redlock-nestjs$': source('packages/redlock-nestjs'),
    '^redlock-nestjs/testing$': '<rootDir>/packages/redlock-nestjs/src/testing/index.ts',
    '^redlock-node-redis-adapter$': source('packages/redlock-node-redis-adapter'),
    '^redlock-valkey-glide-adapter$': source('packages/redlock-valkey-glide-adapter'),
    '^redlock-opentelemetry$': source('packages/redlock-opentelemetry'),
    '^redlock-compat$': source('packages/redlock-compat'),
    '^redlock-compat/v4$': '<rootDir>/packages/redlock-compat/src/v4.ts',
    '^test-kit$': source('test/kit'),
    '^test-kit/(.*)$': '<rootDir>/test/kit/src/$1.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  testTimeout: 60_000,
  // Tests on real servers wait more than they compute.
  maxWorkers: availableParallelism() + 1,
};
