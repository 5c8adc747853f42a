import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
// Not the globals: a test may have replaced those by fake timers.
import { clearTimeout, setTimeout } from 'node:timers';

/** How all lanes of a proxy treat what they carry; the proxy changes it at any time. */
export interface Weather {
  delayMs: number;
  blackHole: boolean;
}

interface Parcel {
  readonly arrivedAt: number;
  /** null is the end of the stream: it waits its turn like the bytes before it. */
  readonly chunk: Buffer | null;
}

/** One direction of a connection: what comes from `source` goes on to `target`, in order. */
export class Lane {
  readonly #source: Socket;
  readonly #target: Socket;
  readonly #weather: Weather;
  readonly #inspect: (chunk: Buffer) => boolean;
  readonly #parcels: Parcel[] = [];
  #timer: NodeJS.Timeout | null = null;
  #ended = false;

  /** `inspect` sees each chunk at the moment it is passed on, and may keep it by returning false. */
  constructor(
    source: Socket,
    target: Socket,
    weather: Weather,
    inspect: (chunk: Buffer) => boolean,
  ) {
    this.#source = source;
    this.#target = target;
    this.#weather = weather;
    this.#inspect = inspect;
    source.on('data', (chunk: Buffer) => {
      this.#take(chunk);
    });
    source.on('end', () => {
      this.#end();
    });
    source.on('close', () => {
      this.#end();
    });
  }

  /** Passes on whatever is due. */
  pump(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    while (!this.#weather.blackHole && !this.#target.destroyed) {
      const parcel = this.#parcels[0];
      if (parcel === undefined) return;
      const waitMs = parcel.arrivedAt + this.#weather.delayMs - performance.now();
      if (this.#weather.delayMs > 0 && waitMs > 0) {
        this.#timer = setTimeout(() => {
          this.pump();
        }, Math.ceil(waitMs));
        return;
      }
      this.#parcels.shift();
      this.#deliver(parcel.chunk);
    }
  }

  discard(): void {
    this.#parcels.length = 0;
    this.pump();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#take(null);
  }

  #take(chunk: Buffer | null): void {
    this.#parcels.push({ arrivedAt: performance.now(), chunk });
    this.pump();
  }

  #deliver(chunk: Buffer | null): void {
    if (chunk !== null) {
      if (this.#inspect(chunk) && this.#target.writable) this.#target.write(chunk);
    } else if (this.#source.destroyed) {
      this.#target.destroySoon();
    } else {
      this.#target.end();
    }
  }
}
