/**
 * `node:crypto`. The core names scripts by their SHA-1, so that servers know them again. The servers here compare these
 * names with nothing but one another, so the text itself is as good a name as its digest.
 */
export function createHash(): { update(text: string): { digest(): string } } {
  return { update: (text) => ({ digest: () => text }) };
}
