import { Random } from 'test-kit/random';
import { Path } from '../network/stream.js';
import { nodeRateOf } from '../plan/assumptions.js';
import { EPOCH, Server } from '../server/server.js';
import { Clock } from '../world/clock.js';
import { Client } from './client.js';
import type { Scene } from './scene.js';

/** Processes draw from these streams of the seed. */
const PROCESSES = 100;

export class Deployment {
  readonly clients: Client[] = [];
  #processes = 0;

  /** @param onStart called with each process that is started, and with what it draws from */
  constructor(
    private readonly seed: number,
    private readonly scene: Scene,
    private readonly onStart: (client: Client, random: Random) => void,
  ) {
    const { plan, world, wrong } = scene;
    const random = new Random(seed);
    scene.servers = plan.channels.map((channels, index) => {
      const clock = new Clock(world, nodeRateOf(plan, random) * (wrong.nodeRate ?? 1), EPOCH);
      const skew = plan.skew * random.between(-1, 1);
      const traits = { clock, skew, isMute: channels === 'mute' };
      return new Server(`n${index + 1}`, world, traits, (event, ...args) =>
        scene.emit(event, ...args),
      );
    });
  }

  start(): void {
    const { plan, world, servers } = this.scene;
    const number = ++this.#processes;
    const random = new Random(this.seed, PROCESSES + number);
    const path = (delay: number, lag: number): Path =>
      new Path(world, random, { delay, lag }, plan);
    const lagging = random.integer(0, plan.nodes - 1);
    const routes = servers.map((_, index) => {
      const delay = plan.delay * random.pick([0.3, 1, 1, 2]);
      const up = path(delay, index === lagging ? plan.lag : 0);
      return { up, down: path(delay, 0), calls: path(delay, 0) };
    });
    const client = new Client(`p${number}`, this.scene, random, routes);
    this.clients.push(client);
    this.onStart(client, random);
  }

  replace(client: Client): void {
    this.clients.splice(this.clients.indexOf(client), 1);
    this.start();
  }
}
