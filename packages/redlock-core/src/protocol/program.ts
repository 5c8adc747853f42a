import { createHash } from 'node:crypto';

/** How far from its own clock a node lets a proposal or a counter be, in microseconds. */
export const CLOCK_SLACK = 1_000_000;

/**
 * The one script that nodes run: a list of operations, one after another, none disturbed by
 * another's failure. It has no `#!lua` line, so that a full server still runs releases.
 *
 * ARGV, in sections of like operations: what they are, a letter and, where each has several
 * resources, how many; how many operations; but for r, s and i the ttl in ms; for capitals, which are
 * with fencing, the counters' life in ms. Then for each its token and, with fencing, its proposal or
 * fencing token; for a and A the token to take over from; for k and s the token to put in its place; for r a
 * channel for each key. KEYS, for each operation: its keys and, with fencing, as many counters.
 *
 * Commands may arrive late and twice: clients send them again, Clusters redirect them. So nothing that finds
 * a key held by its token shortens the expiry, but k; and a grant or an adoption that finds its token there
 * already leaves the counter as it is, which would otherwise outrun the lock.
 *
 * Replies, a list with one for each operation, or the one reply, or 1 where all are 1; a string is an error:
 * - g, G (grant), a, A (adopt): 1, or the counters' value where that is not the proposal; or a list of
 *   denials, each the position of a resource, the start of the key's value and its remaining ms
 * - e, E (extend): 1 extended; 2 extended, but a counter is above the token; 0 not ours; -1 keys missing
 * - C (confirm), h, H (heal), k (another token for the ttl), s (another token, the same expiry): 1 done, 0 not
 * - r (release): 0 not ours; otherwise 1 and how many listen for it. Each key that is free when the
 *   script ends was announced on its channel, with the token it held.
 * - i (inspect): the value or nil, and the remaining ms
 */
const source = `
local KEYS, ARGV, call, pcall = KEYS, ARGV, redis.call, redis.pcall
local replies, done, k, a = {}, 0, 1, 1
local micros, lowest, most
local alike = true
-- Of keys that were released here: key, token, channel, reply. Others may have been taken since.
local freed, mixed = {}, false

local function prolong(key, ms)
  -- Redis 6 knows no GT.
  local known = pcall('pexpire', key, ms, 'gt')
  if type(known) == 'table' then
    local left = call('pttl', key)
    if left >= 0 and left < tonumber(ms) then call('pexpire', key, ms) end
  end
end

while ARGV[a] do
  local what, count, n, ttl, life = ARGV[a], ARGV[a + 1], 1, nil, nil
  a = a + 2
  if #what > 1 then
    n = tonumber(string.sub(what, 2))
    what = string.sub(what, 1, 1)
  end

  if what == 'r' then
    -- A key that is no string reads as missing.
    local values = call('mget', unpack(KEYS, k, k + n * count - 1))
    local ours, f, v = {}, #freed, 0
    for _ = 1, count do
      local token, held = ARGV[a], 1
      done = done + 1
      for i = 1, n do
        v = v + 1
        -- A release that is here twice finds nothing the second time.
        if values[v] == token and not ours[KEYS[k]] then
          ours[#ours + 1], ours[KEYS[k]] = KEYS[k], true
          freed[f + 1], freed[f + 2], freed[f + 3], freed[f + 4] = KEYS[k], token, ARGV[a + i], done
          f = f + 4
        else
          held = 0
        end
        k = k + 1
      end
      replies[done] = held
      alike = alike and held == 1
      a = a + 1 + n
    end
    if ours[1] then call('del', unpack(ours)) end

  elseif what == 'i' then
    for _ = 1, count do
      local value = pcall('get', KEYS[k])
      local wrong = type(value) == 'table'
      done = done + 1
      replies[done] = wrong and value.err or { value, call('pttl', KEYS[k]) }
      alike = false
      a, k = a + 1, k + 1
    end

  else
    local adopt = what == 'a' or what == 'A'
    local grant = adopt or what == 'g' or what == 'G'
    local replace = what == 'k' or what == 's'
    local fenced = string.byte(what) < 97 -- a capital
    mixed = mixed or freed[1]
    if what ~= 's' then
      ttl = ARGV[a]
      a = a + 1
    end
    if fenced then
      life = ARGV[a]
      a = a + 1
    end
    if grant and fenced and not micros then
      local time = call('time')
      micros = time[1] * 1000000 + time[2]
      lowest, most = micros - ${CLOCK_SLACK}, micros + ${CLOCK_SLACK}
    end
    for _ = 1, count do
      local token, last, reply, f = ARGV[a], k + n - 1, 1, nil
      local taken = {} -- Keys that were not held by this token before.

      if adopt then
        local values = call('mget', unpack(KEYS, k, last))
        local from = ARGV[a + (fenced and 2 or 1)]
        for i = 1, n do
          local value = values[i] or ''
          if value ~= from and value ~= token then
            if type(reply) ~= 'table' then reply = {} end
            reply[#reply + 1] = { i - 1, string.sub(value, 1, 64), call('pttl', KEYS[k + i - 1]) }
          end
        end
        for i = 1, reply == 1 and n or 0 do
          if values[i] ~= token then
            local key = KEYS[k + i - 1]
            local left = call('pttl', key)
            local set
            if left < 0 or left > tonumber(ttl) then
              set = pcall('set', key, token, 'keepttl')
            else
              set = pcall('set', key, token, 'px', ttl)
            end
            if set.err then reply = set.err else taken[#taken + 1] = key end
          end
        end

      elseif grant then
        for i = k, last do
          local set = pcall('set', KEYS[i], token, 'px', ttl, 'nx')
          if not set then
            local value = call('mget', KEYS[i])[1] or '(not a string)'
            -- A key that holds this very token is no denial: the client may have sent the command again.
            if value ~= token then
              if type(reply) ~= 'table' then reply = {} end
              reply[#reply + 1] = { i - k, string.sub(value, 1, 64), call('pttl', KEYS[i]) }
            end
          elseif set.err then
            reply = set.err
            break
          else
            taken[#taken + 1] = KEYS[i]
          end
        end
        -- All or nothing.
        if reply ~= 1 and taken[1] then call('del', unpack(taken)) end

      else
        local values = call('mget', unpack(KEYS, k, fenced and last + n or last))
        local T = fenced and tonumber(ARGV[a + 1]) or 0
        local missing, overtaken = false, false
        for i = 1, n do
          if not values[i] then missing = true elseif values[i] ~= token then reply = 0 end
          overtaken = overtaken or (tonumber(values[n + i] or 0) or 0) > T
        end
        if replace then
          local other = ARGV[a + 1]
          reply = 1
          for i = k, last do
            local value = values[i - k + 1]
            if value == token and ttl then
              call('set', KEYS[i], other, 'px', ttl)
            elseif value == token then
              call('set', KEYS[i], other, 'keepttl')
            elseif value ~= other then
              reply = 0
            end
          end
        elseif reply == 0 then
          -- Another's.
        elseif what == 'e' or what == 'E' then
          if missing then
            reply = -1
          else
            for i = k, fenced and last + n or last do
              prolong(KEYS[i], i > last and life or ttl)
            end
            if overtaken then reply = 2 end
          end
        elseif overtaken or (missing and what == 'C') then
          reply = 0
        else
          f = fenced and T
          for i = k, what == 'C' and 0 or last do
            if values[i - k + 1] then
              prolong(KEYS[i], ttl)
            else
              -- Without nx it would replace a key that is no string.
              local set = pcall('set', KEYS[i], token, 'px', ttl, 'nx')
              if type(set) == 'table' and set.err then reply = set.err end
            end
          end
        end
      end

      if grant and fenced and reply == 1 then
        local proposal, was, highest = tonumber(ARGV[a + 1]), nil, 0
        if n == 1 and taken[1] and lowest < proposal and proposal <= most then
          -- Nearly always the proposal is right: one command writes it and reads what was there.
          was = pcall('set', KEYS[k + 1], ARGV[a + 1], 'px', life, 'get')
          if type(was) == 'table' then was = nil end
          highest = tonumber(was or 0) or 0
        end
        if was == nil or highest >= proposal then
          if was == nil then
            for _, counter in ipairs(call('mget', unpack(KEYS, k + n, last + n))) do
              highest = math.max(highest, tonumber(counter or 0) or 0)
            end
          end
          if not taken[1] and highest > 0 then
            reply = highest == proposal and 1 or highest
          else
            f = math.max(math.max(highest, lowest) + 1, math.min(proposal, most))
            reply = f
          end
        end
      end

      if f then
        for i = k + n, last + n do
          local left = grant and 0 or call('pttl', KEYS[i])
          -- %.0f, because tostring cuts 16 digits to 14.
          local set = pcall('set', KEYS[i], string.format('%.0f', f), 'px', math.max(left, life))
          if set.err then reply = set.err end
        end
      end
      done = done + 1
      replies[done] = reply
      alike = alike and reply == 1
      a = a + (fenced and 2 or 1) + ((adopt or replace) and 1 or 0)
      k = k + (fenced and 2 * n or n)
    end
  end
end
for i = 1, #freed, 4 do
  if not mixed or not call('mget', freed[i])[1] then
    -- A user without rights to the channel would otherwise see an error although the lock is gone.
    local heard, at = pcall('publish', freed[i + 2], freed[i + 1]), freed[i + 3]
    if type(heard) == 'number' and heard > 0 and replies[at] > 0 then
      replies[at] = math.max(replies[at], 1 + heard)
      alike = false
    end
  end
end
return alike and 1 or done > 1 and replies or replies[1]
`;

export const program = { source, sha: createHash('sha1').update(source).digest('hex') };
