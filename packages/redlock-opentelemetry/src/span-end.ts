import { SpanStatusCode, type Span } from '@opentelemetry/api';
import type { LockTrace } from 'redlock-core';

/** Outcomes that the caller causes itself, by its signal or by `close`. */
const ASKED_FOR: ReadonlySet<LockTrace['outcome']> = new Set(['aborted', 'closed'] as const);

/** Records the outcome of a call in its span. @param showsMessages whether messages of errors may be shown */
export function describeEnd(span: Span, call: LockTrace, showsMessages: boolean): void {
  const { outcome, attempts } = call;
  if (outcome !== undefined) span.setAttribute('redlock.outcome', outcome);
  if (attempts !== undefined) span.setAttribute('redlock.attempts', attempts);
  if (hasFailed(call)) describeFailure(span, call, showsMessages);
}

/**
 * A call has failed if it threw, unless it did what its caller wanted. So an acquire whose `wait` has passed has failed,
 * like a request that times out, and a `tryAcquire` that returns null has not. The release of a lost lock throws nothing, but
 * the work under the lock was not protected to its end.
 */
function hasFailed(call: LockTrace): boolean {
  if (call.outcome === 'lost') return true;
  return 'error' in call && !ASKED_FOR.has(call.outcome);
}

function describeFailure(span: Span, call: LockTrace, showsMessages: boolean): void {
  if (!('error' in call)) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'the lock was lost before' });
    return;
  }
  const error = call.error instanceof Error ? call.error : new Error(String(call.error));
  const type = typeOf(error);
  span.setStatus({ code: SpanStatusCode.ERROR, message: showsMessages ? error.message : type });
  span.setAttribute('error.type', type);
  span.recordException(showsMessages ? error : { name: error.name, code: type });
}

/** The code of an error; the reason of a lost lock, as the metric has it. */
function typeOf(error: Error): string {
  if ('reason' in error && typeof error.reason === 'string') return error.reason;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
