import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { Redlock } from 'redlock-core';
import { Deployment, pace, rejectionOf, until } from 'test-kit';
import { readyRedlock } from './support/contender.js';
import { openPeer, type Peer, type PeerKind, peerKinds, redlock5 } from './support/peers.js';

const TTL = 60_000;
const MAJOR = 6;

/** A Redlock and another library on the same three nodes. */
async function both(
  deployment: Deployment,
  kind: PeerKind,
): Promise<{ redlock: Redlock; peer: Peer }> {
  const { keyPrefix } = kind;
  const redlock = await readyRedlock(deployment, MAJOR, {
    keyPrefix,
    retryDelay: 20,
    retryJitter: 10,
  });
  return { redlock, peer: await openPeer(deployment, kind) };
}

describe.each(peerKinds)('beside $library', (kind) => {
  test('what it holds is locked for us, stays as it is, and is ours once it is released', async () => {
    await using deployment = await Deployment.start(3);
    const { redlock, peer } = await both(deployment, kind);
    const release = await peer.acquire('shared', TTL);
    await until('it is on all nodes', async () => (await values(deployment)).every(Boolean));
    const before = await values(deployment);
    expect(await redlock.tryAcquire('shared', TTL)).toBeNull();
    expect(await rejectionOf(redlock.acquire('shared', TTL, { wait: 0 }))).toMatchObject({
      code: 'RESOURCE_LOCKED',
    });
    const waiting = redlock.acquire('shared', TTL);
    expect(await values(deployment)).toEqual(before);
    await release();
    const lock = await waiting;
    expect(await redlock.inspect('shared')).toMatchObject({
      nodes: expect.arrayContaining([expect.objectContaining({ token: lock.token })]),
    });
  });

  test('what we hold is locked for it, stays as it is, and is its own once we release it', async () => {
    await using deployment = await Deployment.start(3);
    const { redlock, peer } = await both(deployment, kind);
    const lock = await redlock.acquire('shared', TTL / 2);
    const isOurs = async (): Promise<boolean> =>
      (await values(deployment)).every((value) => value === lock.token);
    await until('it is on all nodes', isOurs);
    expect(await peer.tryAcquire('shared', TTL)).toBeNull();
    await lock.extend(TTL);
    const acquired: string[] = [];
    const waiting = peer.acquire('shared', TTL).then((release) => {
      acquired.push('shared');
      return release;
    });
    expect(await peer.tryAcquire('shared', TTL)).toBeNull();
    expect(await isOurs()).toBe(true);
    expect(acquired).toEqual([]);
    expect(await lock.release()).toBe(true);
    const release = await waiting;
    expect(await redlock.tryAcquire('shared', TTL)).toBeNull();
    await release();
  });

  test('critical sections of both never overlap', async () => {
    await using deployment = await Deployment.start(3);
    const fleet = new Fleet(deployment, kind);
    await Promise.all([fleet.startPeer(), fleet.startPeer(), fleet.startOurs(), fleet.startOurs()]);
    await fleet.progress();
    await fleet.stop();
  });

  function values(deployment: Deployment): Promise<(string | null)[]> {
    return deployment.values(`${kind.keyPrefix}shared`);
  }
});

test('a fleet moves from redlock 5 one service at a time, and back, without an overlap', async () => {
  await using deployment = await Deployment.start(3);
  const fleet = new Fleet(deployment, redlock5);
  const services = await Promise.all(Array.from({ length: 4 }, () => fleet.startPeer()));
  await fleet.progress();
  for (const [index, service] of services.entries()) {
    await service.stop();
    services[index] = await fleet.startOurs();
    await fleet.progress();
  }
  const [first] = services;
  await first?.stop();
  await fleet.startPeer();
  await fleet.progress();
  await fleet.stop();
});

/** A service that takes turns, with clients of its own. */
class Service {
  readonly #stopping = new AbortController();
  readonly #stopped: Promise<void>;
  turns = 0;

  constructor(
    readonly library: string,
    turn: (service: Service) => Promise<void>,
  ) {
    this.#stopped = this.#run(turn);
    this.#stopped.catch(() => {});
  }

  get stopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Resolves when it is in no critical section. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#stopped;
  }

  async #run(turn: (service: Service) => Promise<void>): Promise<void> {
    while (!this.stopping) {
      await turn(this);
      // Who has just been inside would otherwise be the first to try again.
      await sleep(2 + Math.random() * 10);
    }
  }
}

/** Services that take turns at one resource, some with us and some with another library. */
class Fleet {
  readonly #deployment: Deployment;
  readonly #kind: PeerKind;
  readonly #services: Service[] = [];
  readonly #overlaps: string[] = [];
  #inside: Service | null = null;

  constructor(deployment: Deployment, kind: PeerKind) {
    this.#deployment = deployment;
    this.#kind = kind;
  }

  async startPeer(): Promise<Service> {
    const peer = await openPeer(this.#deployment, this.#kind);
    return this.#start(this.#kind.library, async (service) => {
      const release = await peer.tryAcquire('shared', TTL);
      if (!release) return;
      await this.#enter(service);
      await release();
    });
  }

  async startOurs(): Promise<Service> {
    const redlock = await readyRedlock(this.#deployment, MAJOR, {
      keyPrefix: this.#kind.keyPrefix,
    });
    return this.#start('ours', async (service) => {
      await using lock = await redlock.tryAcquire('shared', TTL);
      if (lock) await this.#enter(service);
    });
  }

  /** Resolves when every service that runs has had five turns. */
  async progress(): Promise<void> {
    const awaited = this.#services
      .filter(({ stopping }) => !stopping)
      .map((service) => ({ service, turns: service.turns + 5 }));
    await until(
      `five turns each of ${awaited.map(({ service }) => service.library).join(', ')}`,
      () => awaited.every(({ service, turns }) => service.turns >= turns),
      2 * pace.limit,
    );
    expect(this.#overlaps).toEqual([]);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#services.map((service) => service.stop()));
    expect(this.#overlaps).toEqual([]);
  }

  #start(library: string, turn: (service: Service) => Promise<void>): Service {
    const service = new Service(library, turn);
    this.#services.push(service);
    // Also when the test fails.
    this.#deployment.defer(() => service.stop());
    return service;
  }

  async #enter(service: Service): Promise<void> {
    if (this.#inside) this.#overlaps.push(`${service.library} beside ${this.#inside.library}`);
    this.#inside = service;
    await sleep(1 + Math.random() * 2);
    this.#inside = null;
    service.turns++;
  }
}
