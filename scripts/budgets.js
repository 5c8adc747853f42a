/**
 * What packages may cost those who use them, in kB: what there is at the moment, and about a tenth more. Raise a figure
 * in the change that needs it, and say there what users get for it. `size` is the code that an import loads, in one
 * file, minified and compressed, without the packages in `imports`.
 */
export const BUDGETS = {
  'redlock-cli': {
    tarball: 50,
    entries: {
      redlock: {
        size: 12.5,
        imports: ['ioredis', 'redlock-core', 'redlock-core/doctor', 'redlock-ioredis-adapter'],
      },
    },
  },
  'redlock-compat': {
    tarball: 42,
    entries: {
      'redlock-compat': { size: 3.4, imports: ['redlock-core/internal', 'redlock-ioredis-adapter'] },
      'redlock-compat/v4': {
        size: 3,
        imports: ['redlock-core/internal', 'redlock-ioredis-adapter'],
      },
    },
  },
  'redlock-core': {
    tarball: 740,
    entries: {
      'redlock-core': { size: 51, imports: [] },
      'redlock-core/adapter': { size: 3, imports: [] },
      'redlock-core/doctor': { size: 57, imports: [] },
      'redlock-core/memory': { size: 20.5, imports: [] },
      'redlock-core/internal': { size: 32.5, imports: [] },
      'redlock-core/conformance': { size: 61, imports: [] },
    },
  },
  'redlock-ioredis-adapter': {
    tarball: 21,
    entries: {
      'redlock-ioredis-adapter': { size: 2.5, imports: ['ioredis', 'redlock-core/adapter'] },
      'redlock-ioredis-adapter/iovalkey': { size: 2.3, imports: ['redlock-core/adapter'] },
    },
  },
  'redlock-nestjs': {
    tarball: 21.5,
    entries: {
      'redlock-nestjs': { size: 2.1, imports: ['@nestjs/common', 'redlock-core'] },
    },
  },
  'redlock-node-redis-adapter': {
    tarball: 17.5,
    entries: {
      'redlock-node-redis-adapter': { size: 2.1, imports: ['redlock-core/adapter'] },
    },
  },
  'redlock-opentelemetry': {
    tarball: 22.5,
    entries: {
      'redlock-opentelemetry': { size: 3.7, imports: ['@opentelemetry/api'] },
    },
  },
  'redlock-valkey-glide-adapter': {
    tarball: 23,
    entries: {
      'redlock-valkey-glide-adapter': {
        size: 3.9,
        imports: ['@valkey/valkey-glide', 'redlock-core/adapter'],
      },
    },
  },
};
