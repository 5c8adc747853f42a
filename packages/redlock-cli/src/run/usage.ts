/** The help of `redlock run`: one screen. */
export const USAGE = `Runs a command under a lock, as flock does, over independent Redis nodes.

  redlock run [OPTION]… RESOURCE -- COMMAND…

  --nodes URL,URL,…       the nodes; by default the environment's REDLOCK_NODES
  --ttl T                 how long the lock outlives a holder that is gone (10s)
  -w, --wait T            wait at most this long for the lock (for ever)
  -n, --no-wait           do not wait
  -E, --busy-code CODE    exit with this code if others hold the lock (1)
  --shared                share the lock with others who share it, as readers do
  --permits K             up to K may run at the same time
  --kill-after T          from SIGTERM to SIGKILL if the lock is lost (ttl/3, at most 5s)
  --keep-for T            keep others out for this long after the command
  --strict                trust no node that has restarted within T of --ttl and --keep-for
  --verbose               tell on stderr what happens

Durations are 500ms, 10s, 5m, 1h, or a number of seconds. Exit codes: the command's own;
128 + signal; 1 busy; 64 usage; 69 too few nodes; 75 lock lost; 126 not executable; 127 not found.

  redlock run -n -E 0 --keep-for 1m report -- ./report.sh     on one machine of the fleet
  redlock run --wait 5m deploy -- ./deploy.sh production
  redlock run --permits 3 licences -- convert film.mov
`;
