/** Something that must not have happened. */
export interface Finding {
  readonly text: string;
  /** On the machine's clock, in ms; what happened around it explains it. Null: nowhere in particular. */
  readonly at: number | null;
}
