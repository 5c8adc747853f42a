import { queueOf } from '../../../packages/redlock-core/src/protocol/keys.js';
import { channelOf, LONG, STEP, type Subject, WINDOW } from './subject.js';

/** The key of a queue. All permits of a semaphore have one. */
export function queueKey(key: string): string {
  return key.includes(':permit:') ? key.replace(/permit:\d+$/, 'permits:waiting') : queueOf(key);
}

/**
 * Enters processes into the queue of a key, with the tickets 10, 20 and so on.
 * @param entries names of processes; before them `!` if one is notified, `~` if its time has passed, `s:` if it shares;
 * behind them `/` and its number of permits, `@` and its ticket
 */
export async function enqueue({ server }: Subject, key: string, ...entries: readonly string[]) {
  const now = Math.floor((await server.now()) / 1000);
  for (const [index, entry] of entries.entries()) {
    const [, marks = '', shares, name = '', permits = '', ticket] =
      /^([!~]*)(s:)?([^/@]*)(?:\/(\d+))?(?:@(\d+))?$/.exec(entry) ?? [];
    // No two entries are the same text.
    const until = (marks.includes('~') ? now - 1 : now + LONG) - index;
    const mark = marks.includes('!') ? '!' : '';
    const tail = `${shares ? 's' : 'x'}:${WINDOW}:${permits}:${channelOf(name)}`;
    await server.add(
      queueKey(key),
      `${mark}${until}:${tail}`,
      Number(ticket ?? (index + 1) * 10),
      LONG,
    );
  }
}

/** The processes in the queue of a key, written as for {@link enqueue}, each with the time that is left to its entry. */
export async function entriesOf({ server }: Subject, key: string): Promise<Record<string, number>> {
  const now = (await server.now()) / 1000;
  const members = await server.members(queueKey(key));
  return Object.fromEntries(
    members.map(([member]) => {
      const [, mark, until, mode, permits, name] =
        /^(!?)(\d+):([xs]):\d+:(\d*):redlock:notify:(.*)$/.exec(member) ?? [];
      const text = `${mark}${mode === 's' ? 's:' : ''}${name}${permits === '' ? '' : `/${permits}`}`;
      return [text, Math.ceil((Number(until) - now) / STEP) * STEP] as const;
    }),
  );
}

/** The same in one line, without times. */
export async function queue(on: Subject, key: string): Promise<string> {
  return Object.keys(await entriesOf(on, key)).join(' ');
}

/** Subscribes processes. Returns a function that returns what was published to each, in order. */
export async function listen({ server }: Subject, ...processes: readonly string[]) {
  const heard = await server.subscribe(...processes.map(channelOf));
  return async () => (await heard()).map((each) => each.replace(channelOf(''), ''));
}
