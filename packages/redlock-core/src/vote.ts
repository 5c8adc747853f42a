/** What went wrong, as plain data: no client object, no address, no credentials. */
export interface ErrorData {
  name: string;
  /** An error reply's code (`OOM`), the client's own (`ECONNREFUSED`) or ours (`TIMEOUT`). */
  code: string;
  message: string;
}

/** One node's part in an attempt. Plain data: `JSON.stringify` works. */
export interface Vote {
  /** The node's name. */
  node: string;
  /** `granted`: it did what was asked. `denied`: the key is another owner's. `failed`: no answer. */
  vote: 'granted' | 'denied' | 'failed';
  /** Why it failed. */
  error?: ErrorData;
  /** From sending to voting, in ms. */
  ms: number;
}
