import { replyErrorOf } from './reply-error.js';

/** The words before the reason that a server, or the first of several, gave. */
const PREFACE = /for address `[^`]*`: |Received errors:\s*\S+: |received errors: `/;

/** Why a client cannot connect. GLIDE wraps the reason into a sentence with addresses. */
export function reasonOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const [preface = ''] = PREFACE.exec(error.message) ?? [];
  if (!preface) return error;
  const start = error.message.indexOf(preface) + preface.length;
  // Leave out GLIDE's own name for the kind of reason, which stands at the end.
  const [reason = ''] = /^[^`\n]*?(?=(- \w+)?[`\n]|$)/.exec(error.message.slice(start)) ?? [];
  const bare = new Error(reason);
  return replyErrorOf(bare) ?? bare;
}
