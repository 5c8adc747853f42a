import { MetricReader } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';

/** Prints each trace as a tree, when its first span ends. */
export class SpanPrinter implements SpanProcessor {
  readonly #ended: ReadableSpan[] = [];

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    this.#ended.push(span);
    if (!span.parentSpanContext) this.#print(span, '');
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}

  #print(span: ReadableSpan, indentation: string): void {
    const { name, duration, attributes } = span;
    const ms = Math.round(duration[0] * 1000 + duration[1] / 1e6);
    const outcome = attributes['redlock.outcome'];
    const shown = outcome === undefined ? `${ms} ms` : `${ms} ms, ${String(outcome)}`;
    console.log(`${indentation}${name}: ${shown}`);
    for (const child of this.#childrenOf(span)) this.#print(child, `${indentation}  `);
  }

  #childrenOf(span: ReadableSpan): ReadableSpan[] {
    const { spanId } = span.spanContext();
    return this.#ended.filter(({ parentSpanContext }) => parentSpanContext?.spanId === spanId);
  }
}

/** Prints each metric, by its attributes. */
export class MetricPrinter extends MetricReader {
  async print(): Promise<void> {
    const { resourceMetrics } = await this.collect();
    const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    for (const { descriptor, dataPoints } of metrics) {
      for (const { attributes, value } of dataPoints) {
        const { name } = descriptor;
        const shown = typeof value === 'number' ? value : `${value.count} times, ${value.sum} s`;
        console.log(`${name} ${JSON.stringify(attributes)}: ${shown}`);
      }
    }
  }

  protected override async onForceFlush(): Promise<void> {}

  protected override async onShutdown(): Promise<void> {}
}
