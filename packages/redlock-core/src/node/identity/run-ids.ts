/** Which node has which servers, by their run ids: one server must not have two votes. */
export class RunIds {
  readonly #owners = new Map<string, string>();

  /**
   * A node has been seen to consist of these servers, and no longer of others. The first to have a
   * server keeps it: its votes may have been counted already.
   * @returns the other node that has one of them; then the node has none
   */
  claim(node: string, runIds: readonly string[]): string | undefined {
    for (const [runId, owner] of this.#owners) if (owner === node) this.#owners.delete(runId);
    const other = runIds.map((runId) => this.#owners.get(runId)).find(Boolean);
    if (other === undefined) for (const runId of runIds) this.#owners.set(runId, node);
    return other;
  }
}
