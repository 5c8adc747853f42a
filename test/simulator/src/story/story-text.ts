import type { Report } from '../campaign/task.js';

/** A run as text: what happened, line by line. */
export function tellStory({ seed, violation, plan, lines }: Report): string {
  const { fenced, ...rest } = plan;
  const told = lines.map(({ time, who, what }) => {
    return `${time.toFixed(3).padStart(12)}  ${who.padEnd(4)} ${what}`;
  });
  return [
    `seed ${seed}: ${JSON.stringify({ ...rest, fenced: [...fenced] })}`,
    ...told,
    violation
      ? `${violation.time.toFixed(3).padStart(12)}  VIOLATION of ${violation.oracle}: ${violation.what}`
      : 'No promise was broken.',
  ].join('\n');
}
