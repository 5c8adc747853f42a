-- Whether the server belongs to a Cluster, which does not count the receivers at other servers; nil until it
-- is needed.
local is_in_cluster

local function in_cluster()
  if is_in_cluster == nil then
    local info = pcall('info', 'cluster')
    is_in_cluster = type(info) == 'string' and string.find(info, 'cluster_enabled:1', 1, true) ~= nil
  end
  return is_in_cluster
end
