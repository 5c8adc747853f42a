/** A server as `INFO server` describes it. */
export interface ServerInfo {
  /** A random id, which changes each time the server starts. */
  readonly runId: string;
  /** The uptime in ms, made from whole seconds: it may be a second too long or too short. */
  readonly uptime: number;
  /** Its clock in microseconds, if it reports that. */
  readonly time?: number;
}

const RUN_ID = /^run_id:(\S+?)\r?$/m;
const TIME = /^server_time_usec:(\d+)\r?$/m;
const UPTIME = /^uptime_in_seconds:(\d+)\r?$/m;

/** @throws TypeError if the reply shows no identity, as a proxy's may not */
export function parseServerInfo(reply: unknown): ServerInfo {
  const text = String(reply);
  const [, runId] = RUN_ID.exec(text) ?? [];
  const [, seconds] = UPTIME.exec(text) ?? [];
  if (!runId || !seconds) {
    const error = new TypeError('its reply shows no run_id and uptime_in_seconds');
    throw Object.assign(error, { code: 'UNEXPECTED_REPLY' });
  }
  const [, time] = TIME.exec(text) ?? [];
  const uptime = Number(seconds) * 1000;
  return time === undefined ? { runId, uptime } : { runId, uptime, time: Number(time) };
}
