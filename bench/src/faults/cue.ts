/** What the stage tells an actor to do. */
export type Cue = 'take' | 'release' | 'die when called' | 'stop when called';

/** What an actor reports: what it did, and when, in ms on the machine's clock. */
export interface Report {
  readonly did: 'granted' | 'released' | 'armed';
  readonly at: number;
}
