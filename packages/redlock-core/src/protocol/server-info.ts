/** A server as `INFO server` shows it. */
export interface ServerInfo {
  /** Random, and another one each time the server starts. */
  readonly runId: string;
  /** In ms, of a figure in whole seconds: the server may be a second older or younger. */
  readonly uptime: number;
}

const RUN_ID = /^run_id:(\S+?)\r?$/m;
const UPTIME = /^uptime_in_seconds:(\d+)\r?$/m;

/** @throws TypeError where the reply has no identity in it, as a proxy's may not */
export function parseServerInfo(reply: unknown): ServerInfo {
  const text = String(reply);
  const [, runId] = RUN_ID.exec(text) ?? [];
  const [, seconds] = UPTIME.exec(text) ?? [];
  if (!runId || !seconds) {
    const error = new TypeError('its reply shows no run_id and uptime_in_seconds');
    throw Object.assign(error, { code: 'UNEXPECTED_REPLY' });
  }
  return { runId, uptime: Number(seconds) * 1000 };
}
