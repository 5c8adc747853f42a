/** Tells people what goes on. */
export type Progress = (what: string) => void;
