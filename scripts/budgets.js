/**
 * What packages may cost those who use them, in kB: what there is at the moment, and about a tenth more. Raise a figure
 * in the change that needs it, and say there what users get for it. `size` is the code that an import loads, in one
 * file, minified and compressed, without the packages in `imports`.
 */
export const BUDGETS = {
  'redlock-cli': {
    tarball: 18.5,
    entries: {
      redlock: {
        size: 12.3,
        imports: ['ioredis', 'redlock-core', 'redlock-core/doctor', 'redlock-ioredis-adapter'],
      },
    },
  },
  'redlock-compat': {
    tarball: 24.5,
    entries: {
      'redlock-compat': {
        size: 3.4,
        imports: ['redlock-core/internal', 'redlock-ioredis-adapter'],
      },
      'redlock-compat/v4': {
        size: 3,
        imports: ['redlock-core/internal', 'redlock-ioredis-adapter'],
      },
    },
  },
  'redlock-core': {
    tarball: 475,
    entries: {
      'redlock-core': { size: 46.5, imports: [] },
      'redlock-core/adapter': { size: 3.5, imports: [] },
      'redlock-core/doctor': { size: 58, imports: [] },
      'redlock-core/memory': { size: 13.4, imports: [] },
      'redlock-core/internal': { size: 47.5, imports: [] },
      'redlock-core/conformance': { size: 56.5, imports: [] },
    },
  },
  'redlock-ioredis-adapter': {
    tarball: 11,
    entries: {
      'redlock-ioredis-adapter': { size: 2.5, imports: ['ioredis', 'redlock-core/adapter'] },
      'redlock-ioredis-adapter/iovalkey': { size: 2.3, imports: ['redlock-core/adapter'] },
    },
  },
  'redlock-nestjs': {
    tarball: 19.5,
    entries: {
      'redlock-nestjs': {
        size: 3,
        imports: ['@nestjs/common', '@nestjs/core', 'redlock-core'],
      },
      'redlock-nestjs/testing': {
        size: 2.1,
        imports: ['@nestjs/common', '@nestjs/core', 'redlock-core', 'redlock-core/memory'],
      },
    },
  },
  'redlock-node-redis-adapter': {
    tarball: 8.6,
    entries: {
      'redlock-node-redis-adapter': { size: 2.4, imports: ['redis', 'redlock-core/adapter'] },
    },
  },
  'redlock-opentelemetry': {
    tarball: 9.4,
    entries: {
      'redlock-opentelemetry': { size: 3.7, imports: ['@opentelemetry/api'] },
    },
  },
  'redlock-valkey-glide-adapter': {
    tarball: 11.3,
    entries: {
      'redlock-valkey-glide-adapter': {
        size: 3.9,
        imports: ['@valkey/valkey-glide', 'redlock-core/adapter'],
      },
    },
  },
};
