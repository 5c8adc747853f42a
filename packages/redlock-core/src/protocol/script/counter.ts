/**
 * Raises the fencing counter of one key that has just been set, and says so in `reply`. Reads `key`, `counter`, `fence`,
 * `grace` and `clock`.
 *
 * Perf: the common case is one command, because the value that SET replaces is below the proposal. If it was not, the
 * counter is set once more; no other client sees the value in between. A counter of the wrong type frees the key again.
 */
export const RAISE_COUNTER = `
local wish, last = fence + 0
local near = wish > clock - 1000000 and wish <= clock + 1000000
if near then
	last = try('set', counter, fence, 'px', grace, 'get')
else
	last = try('get', counter)
end
if last and type(last) == 'table' then
	try('del', key)
	reply = last.err
elseif not near or last and (tonumber(last) or 0) >= wish then
	last = math.max(math.max(tonumber(last) or 0, clock - 1000000) + 1, math.min(wish, clock + 1000000))
	try('set', counter, string.format('%.0f', last), 'px', grace)
	reply = last == wish and 1 or last
end`;

/** The highest counter of the `n` keys of an operation; one that is missing counts as 0. Raises an error for other types. */
export const HIGHEST_COUNTER = `
local function highest()
	local most = 0
	for k = 1, n do
		most = math.max(most, tonumber(call('get', at(counters, k))) or 0)
	end
	return most
end`;
