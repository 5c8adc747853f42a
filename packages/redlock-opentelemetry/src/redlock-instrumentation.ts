import { metrics, trace, type MeterProvider, type TracerProvider } from '@opentelemetry/api';
import { CallSpans } from './call-spans.js';
import { Group, type GroupFunction } from './group.js';
import { LockMetrics } from './lock-metrics.js';
import { ResourceNames, type ResourcesOption } from './resource-names.js';
import { NAME, VERSION } from './version.js';

/** Settings of a {@link RedlockInstrumentation}. */
export interface RedlockInstrumentationConfig {
  /** Whether the instrumentation begins when it is made. Default true. */
  enabled?: boolean;
  /**
   * Names the group that a resource belongs to, for example `'invoice'` for `invoice:42`. It is the attribute
   * `redlock.group` of metrics, which have no attribute with the resource itself: each value of an attribute is a time
   * series of its own, so there must be few groups. The group of a lock on several resources is that of the first one; of a
   * permit, its semaphore. It must give the same name for the same resource each time. Without this option, or where it
   * returns undefined or fails, metrics have no such attribute.
   */
  group?: (resource: string) => string | undefined;
  /**
   * Whether spans have the names of resources. Default true. A function returns the name to write instead. Unless it is
   * true, spans have no messages and stacks of errors either, because these contain names of resources. Change it if
   * names are personal data, as `user:alice@example.com`.
   */
  resources?: boolean | ((resource: string) => string);
}

/** The symbol comes from the registry, because a process may have loaded this package twice. */
const CURRENT = Symbol.for('redlock-opentelemetry.current');

const inProcess = globalThis as typeof globalThis & { [CURRENT]?: { disable(): void } };

/**
 * Reports every Redlock of this process to OpenTelemetry: a span for each call, and metrics. It has the members of an
 * `Instrumentation` of `@opentelemetry/instrumentation`, so it can be given to `NodeSDK` and `registerInstrumentations`.
 * Unless it is given providers, it uses the global ones at the time of the first call. Make it before the first lock is
 * taken: the end of a lock whose beginning was not seen cannot be counted.
 *
 * A process has one instrumentation that is enabled. A second one disables the first one, so nothing is counted twice.
 * @example
 * ```ts
 * const sdk = new NodeSDK({ instrumentations: [new RedlockInstrumentation()] });
 * ```
 */
export class RedlockInstrumentation {
  readonly instrumentationName: string = NAME;
  readonly instrumentationVersion: string = VERSION;
  #config: RedlockInstrumentationConfig = {};
  #tracerProvider: TracerProvider | undefined;
  #meterProvider: MeterProvider | undefined;
  #group = new Group(undefined);
  #names = new ResourceNames(true);
  #spans: CallSpans | undefined;
  #metrics: LockMetrics | undefined;

  /** @throws TypeError for bad options */
  constructor(config: RedlockInstrumentationConfig = {}) {
    this.setConfig(config);
    if (this.getConfig().enabled) this.enable();
  }

  getConfig(): RedlockInstrumentationConfig {
    return this.#config;
  }

  /**
   * Replaces the settings, for calls that begin from now on. `enabled` has no effect here.
   * @throws TypeError for bad options
   */
  setConfig(config: RedlockInstrumentationConfig): void {
    const { group, resources } = parse(config);
    this.#config = { enabled: true, ...config };
    this.#group = new Group(group);
    this.#names = new ResourceNames(resources);
  }

  enable(): void {
    if (inProcess[CURRENT] === this) return;
    inProcess[CURRENT]?.disable();
    inProcess[CURRENT] = this;
    this.#spans = new CallSpans(
      (this.#tracerProvider ?? trace).getTracer(NAME, VERSION),
      () => this.#names,
    );
    this.#metrics = new LockMetrics(
      () => (this.#meterProvider ?? metrics).getMeter(NAME, VERSION),
      () => this.#group,
    );
  }

  /** Spans that are still open end now, and the up-down counters go back to 0. */
  disable(): void {
    this.#spans?.dispose();
    this.#metrics?.dispose();
    if (inProcess[CURRENT] === this) delete inProcess[CURRENT];
  }

  setTracerProvider(provider: TracerProvider): void {
    this.#tracerProvider = provider;
    if (this.#spans) this.#spans.tracer = provider.getTracer(NAME, VERSION);
  }

  setMeterProvider(provider: MeterProvider): void {
    this.#meterProvider = provider;
    this.#metrics?.reset();
  }

  /** The same as `disable`, as a function that needs no object. */
  readonly dispose = (): void => this.disable();

  [Symbol.dispose](): void {
    this.disable();
  }
}

/**
 * Makes a {@link RedlockInstrumentation} that is enabled, for programs without `NodeSDK`.
 * @throws TypeError for bad options
 * @example
 * ```ts
 * const instrumentation = instrumentRedlock({ group: (resource) => resource.split(':')[0] });
 * ```
 */
export function instrumentRedlock(
  config: RedlockInstrumentationConfig = {},
): RedlockInstrumentation {
  return new RedlockInstrumentation(config);
}

const OPTIONS = ['group', 'resources', 'enabled'];

function parse(config: RedlockInstrumentationConfig): {
  group: GroupFunction | undefined;
  resources: ResourcesOption;
} {
  const unknown = Object.keys(config).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`unknown option '${unknown}'; there are ${OPTIONS.join(', ')}`);
  }
  const { group, resources = true } = config;
  if (group !== undefined && typeof group !== 'function') {
    throw new TypeError('group must be a function');
  }
  if (typeof resources !== 'boolean' && typeof resources !== 'function') {
    throw new TypeError('resources must be a boolean or a function');
  }
  return { group, resources };
}
