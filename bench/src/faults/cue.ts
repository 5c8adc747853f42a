/** An instruction to an actor. */
export type Cue = 'take' | 'release' | 'die when called' | 'stop when called';

/** A deed of an actor, and its time in ms on the machine's clock. */
export interface Report {
  readonly did: 'granted' | 'released' | 'armed';
  readonly at: number;
}
