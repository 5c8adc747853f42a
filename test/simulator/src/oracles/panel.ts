import type { Oracle } from './oracle.js';

/** The oracles that watch a run, by what each wants to be told. */
export class Panel {
  readonly began: readonly Oracle[];
  readonly ended: readonly Oracle[];
  readonly acquired: readonly Oracle[];
  readonly looked: readonly Oracle[];
  readonly extended: readonly Oracle[];
  readonly renewed: readonly Oracle[];
  readonly lost: readonly Oracle[];
  readonly detached: readonly Oracle[];
  readonly released: readonly Oracle[];
  readonly contended: readonly Oracle[];
  readonly waited: readonly Oracle[];
  readonly changed: readonly Oracle[];
  readonly counted: readonly Oracle[];
  readonly shared: readonly Oracle[];
  readonly queued: readonly Oracle[];
  readonly published: readonly Oracle[];
  readonly heard: readonly Oracle[];
  readonly called: readonly Oracle[];
  readonly answered: readonly Oracle[];

  constructor(oracles: readonly Oracle[]) {
    const of = (event: keyof Oracle): readonly Oracle[] =>
      oracles.filter((oracle) => oracle[event] !== undefined);
    this.began = of('began');
    this.ended = of('ended');
    this.acquired = of('acquired');
    this.looked = of('looked');
    this.extended = of('extended');
    this.renewed = of('renewed');
    this.lost = of('lost');
    this.detached = of('detached');
    this.released = of('released');
    this.contended = of('contended');
    this.waited = of('waited');
    this.changed = of('changed');
    this.counted = of('counted');
    this.shared = of('shared');
    this.queued = of('queued');
    this.published = of('published');
    this.heard = of('heard');
    this.called = of('called');
    this.answered = of('answered');
  }
}
