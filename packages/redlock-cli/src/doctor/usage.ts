/** The help of `redlock doctor`: one screen. */
export const USAGE = `Says what would break the promises of locks on these nodes, and what to do about it.

  redlock doctor [OPTION]…

  --nodes URL,URL,…   the nodes; otherwise the environment's REDLOCK_NODES
  --ttl T             the ttl of your locks, the shortest if there are several; default 10s
  --prefix P          what the names of your resources begin with, or your programs' keyPrefix,
                      if the Redis users have rights to such keys only
  --quarantine Q      the option quarantine of your programs: true, the default; strict or false
  --json              JSON in a line: { sound, findings: { level, code, node, message, remedy }[] }

Each finding is unsound (a promise can be broken, or nobody gets a lock), a warning (less than there
should be) or a note. It asks each node some fifty short commands, and leaves nothing behind. To see
all, its user needs +info and +config|get besides the rights for locks.

T is 500ms, 10s, 5m, 1h, or a number of seconds.
Exit codes: 0 sound; 1 warnings; 2 unsound; 64 usage.

  REDLOCK_NODES=redis://locker:secret@redis-1,redis://locker:secret@redis-2,… redlock doctor
  redlock doctor --prefix locks: --ttl 2s
  redlock doctor --json | jq -r '.findings[] | select(.level == "unsound") | .remedy'
`;
