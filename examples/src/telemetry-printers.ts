import type { PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';

type Done = Parameters<SpanExporter['export']>[1];

/** Prints each trace as a tree, when its first span ends. */
export class SpanPrinter implements SpanExporter {
  readonly #ended: ReadableSpan[] = [];

  export(spans: ReadableSpan[], done: Done): void {
    for (const span of spans) {
      this.#ended.push(span);
      if (!span.parentSpanContext) this.#print(span, '');
    }
    done({ code: 0 });
  }

  async shutdown(): Promise<void> {}

  #print(span: ReadableSpan, indentation: string): void {
    const { name, duration, attributes } = span;
    const ms = Math.round(duration[0] * 1000 + duration[1] / 1e6);
    const outcome = attributes['redlock.outcome'] ?? '';
    console.log(`${indentation}${name}: ${ms} ms ${outcome}`.trimEnd());
    for (const child of this.#childrenOf(span)) this.#print(child, `${indentation}  `);
  }

  #childrenOf(span: ReadableSpan): ReadableSpan[] {
    const { spanId } = span.spanContext();
    return this.#ended
      .filter(({ parentSpanContext }) => parentSpanContext?.spanId === spanId)
      .toSorted((a, b) => a.startTime[0] - b.startTime[0] || a.startTime[1] - b.startTime[1]);
  }
}

/** Prints each metric, by its attributes. */
export class MetricPrinter implements PushMetricExporter {
  export({ scopeMetrics }: ResourceMetrics, done: Done): void {
    for (const { descriptor, dataPoints } of scopeMetrics.flatMap((scope) => scope.metrics)) {
      for (const { attributes, value } of dataPoints) {
        const shown = typeof value === 'number' ? value : `${value.count} times, ${value.sum} s`;
        console.log(`${descriptor.name} ${JSON.stringify(attributes)}: ${shown}`);
      }
    }
    done({ code: 0 });
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}
