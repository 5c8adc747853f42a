/**
 * The words of a reply that names values: a list; as of RESP3 a map, which clients make an object or a Map of; GLIDE makes
 * a list of keys and values.
 */
export function wordsOf(reply: unknown): readonly string[] {
  if (Array.isArray(reply)) return reply.flatMap(wordsOf);
  if (reply instanceof Map) return wordsOf([...reply]);
  if (typeof reply !== 'object' || reply === null) return [String(reply)];
  const isPair = 'key' in reply && 'value' in reply;
  return wordsOf(isPair ? [reply.key, reply.value] : Object.entries(reply));
}
