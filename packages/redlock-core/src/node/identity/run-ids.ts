/** Which node has which servers, by their run ids, because one server must not have two votes. */
export class RunIds {
  readonly #owners = new Map<string, string>();

  /**
   * Records that a node consists of these servers now. The first node that has a server keeps it, because its votes may
   * have been counted already.
   * @returns another node that has one of the servers; then this node is recorded without any
   */
  claim(node: string, runIds: readonly string[]): string | undefined {
    for (const [runId, owner] of this.#owners) if (owner === node) this.#owners.delete(runId);
    const other = runIds.map((runId) => this.#owners.get(runId)).find(Boolean);
    if (other === undefined) for (const runId of runIds) this.#owners.set(runId, node);
    return other;
  }
}
