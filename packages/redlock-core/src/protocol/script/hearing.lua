-- include cluster.lua

-- Whether somebody hears what is published on a channel; nil, if the user has no right to ask. The node of a Cluster
-- knows only of its own subscribers, so there everybody counts as heard.
local function is_heard(channel)
  local counts = pcall('pubsub', 'numsub', channel)
  if not counts.err then
    return counts[2] > 0 or in_cluster()
  end
end
