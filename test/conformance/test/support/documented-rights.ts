import { readFile } from 'node:fs/promises';

const SECURITY = new URL('../../../../SECURITY.md', import.meta.url);

/** The use that a right serves: the first column of the table in SECURITY.md. */
export type Purpose =
  'lock' | 'fencing' | 'quarantine' | 'waiting' | 'sharing' | 'GLIDE' | 'Cluster' | 'database';

/** The rights that SECURITY.md says a Redis user needs, as ACL SETUSER takes them. */
export async function documentedRights(...purposes: readonly Purpose[]): Promise<string[]> {
  const rows = await readRows();
  const rights = purposes.flatMap((purpose) => {
    const cell = rows.get(purpose);
    if (cell === undefined) throw new Error(`SECURITY.md has no rights for ${purpose}`);
    return codesIn(cell);
  });
  return [...new Set(rights)];
}

/** The command with which SECURITY.md makes a user, in words. */
export async function documentedCommand(): Promise<string[]> {
  const [, command = ''] = /^(ACL SETUSER .*?)^```$/ms.exec(await readFile(SECURITY, 'utf8')) ?? [];
  return command.split(/\s+/).filter(Boolean);
}

/** The last cell of each row of the table, by its first. */
async function readRows(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(SECURITY, 'utf8');
  // A bar inside a cell has a backslash before it.
  const rows = text.matchAll(/^\| (\S+) +\|.*(?<!\\)\|(.*)\|$/gm);
  return new Map(Array.from(rows, ([, purpose = '', rights = '']) => [purpose, rights]));
}

function codesIn(cell: string): string[] {
  return Array.from(cell.matchAll(/`([^`]+)`/g), ([, code = '']) => code.replaceAll('\\|', '|'));
}

/** Whether a right is what allows a command, a key or a channel. */
export function allows(right: string, object: string): boolean {
  if (right.startsWith('+')) return object === right.slice(1);
  const pattern = right
    .slice(1)
    .replaceAll(/[{}.|]/g, '\\$&')
    .replaceAll('*', '.*');
  return new RegExp(`^${pattern}$`, 's').test(object);
}
