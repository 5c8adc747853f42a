/** What every adapter takes. */
export interface NodeOptions {
  /**
   * Shown in votes, errors and events; unique within a Redlock. Default: host:port of the client, or what
   * kind of deployment it is for.
   */
  name?: string | undefined;
  /** How long one command to this node may take, in ms. Wins over `nodeTimeout`. */
  timeout?: number | undefined;
}
