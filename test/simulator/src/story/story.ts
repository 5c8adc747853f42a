import type { Holding } from '../run/holding.js';
import type { World } from '../world/world.js';

export interface Line {
  readonly time: number;
  readonly who: string;
  readonly what: string;
}

/** From when to when something was as it was. */
export interface Span {
  readonly row: string;
  readonly label: string;
  readonly from: number;
  to: number;
}

/** What happened in a run, for people. */
export class Story {
  readonly lines: Line[] = [];
  readonly spans: Span[] = [];
  readonly #world: World;
  readonly #open = new Map<string, Span>();

  constructor(world: World) {
    this.#world = world;
  }

  tell(who: string, what: string): void {
    this.lines.push({ time: this.#world.now, who, what });
  }

  /** The key of a resource has another value on a node. */
  key(server: string, key: string, value: string | null): void {
    this.tell(server, value === null ? `${key} is free` : `${key} = ${value}`);
    this.span(`${server} ${key}`, value);
  }

  /** Those who share the key of a resource on a node. */
  sharers(server: string, key: string, members: readonly string[]): void {
    const row = `${server} ${key}`;
    const label = members.join(' ');
    if (label === '' || label === this.#open.get(row)?.label) return;
    this.key(server, key, label);
  }

  belief(holding: Holding): void {
    for (const resource of holding.lock.resources) {
      const row = `${holding.process.name} ${resource}`;
      const open = this.#open.get(row);
      if (holding.believed) this.span(row, holding.token);
      else if (open?.label === holding.token) this.span(row, null);
    }
  }

  /** A row shows something else from now on. */
  span(row: string, label: string | null): void {
    const open = this.#open.get(row);
    if ((open?.label ?? null) === label) return;
    const now = this.#world.now;
    if (open) open.to = now;
    this.#open.delete(row);
    if (label === null) return;
    const span = { row, label, from: now, to: Infinity };
    this.spans.push(span);
    this.#open.set(row, span);
  }
}
