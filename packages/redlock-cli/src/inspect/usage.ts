/** The help of `redlock inspect`: one screen. */
export const USAGE = `Says who holds a lock, as a quorum of the nodes sees it, and what each node has.

  redlock inspect [OPTION]… RESOURCE

  --nodes URL,URL,…   the nodes; otherwise the environment's REDLOCK_NODES
  --json              one line of JSON: resource, state, holders, waiting, nodes. It shows tokens,
                      and whoever has a token can release the lock
  --watch             look every second, and print whenever something has changed

Exit codes: 0 held; 1 free; 64 usage; 69 too few nodes answered, or they disagree.

  redlock inspect nightly-report
  redlock inspect '{licences}:permit:0'        permit 0 of run --permits 3 licences
  redlock inspect --json deploy | jq -r '.holders[].owner'
  until redlock inspect deploy; [ $? -eq 1 ]; do sleep 1; done
`;
