import { hostname } from 'node:os';
import { basename } from 'node:path';

/** A label has at most this many characters (`RedlockOptions.owner`). */
const MOST = 40;
const HOST = 20;

/** The label by which others see who holds the lock: `web-3/4711 report.sh`. */
export function ownerOf(program: string): string {
  const [host = ''] = hostname().split('.');
  const label = `${host.slice(0, HOST)}/${process.pid} ${basename(program)}`;
  return label
    .replaceAll(/[^ -~]/g, '?')
    .replaceAll(':', '-')
    .slice(0, MOST);
}
