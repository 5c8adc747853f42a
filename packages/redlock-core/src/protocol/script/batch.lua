-- The script that nodes run: a batch of operations, one after another. If a command fails, its error is the
-- reply of its operation, and the other operations are not disturbed. There is no `#!lua` line, because a
-- server that is out of memory must still run releases.
--
-- A client may send a command again, and a Cluster may redirect it, so a batch may arrive late and twice.
-- Therefore an operation that finds a key held by its own token never shortens the expiry of that key.
-- The exception is `keep`, whose purpose that is.
--
-- KEYS has, for each operation, the keys of its resources; then, in the same order and each only if the kind has
-- them: their counters, with fencing; their queues, for q, p, r, i and b; the sets of their shared holders, for g,
-- q, p, r, i and all kinds of shared locks.
--
-- ARGV consists of sections. A section has operations of one kind, which differ in keys and tokens only:
--
--   kind         a letter, which is a capital for operations with fencing; if each of them has several
--                resources, their number follows: g, G, G3
--   operations   how many operations the section has
--   ttl          the expiry of the keys, in ms; not with r, s, t and i
--   counter ttl  the expiry of the counters, in ms; only with fencing
--   and then, for each operation:
--     token        what the keys hold or shall hold; empty for i
--     fence        only with fencing: for G and A the proposal, otherwise the fencing token
--     other token  for a, A and d the token that is replaced, for k, s, l and t the one that takes its place
--     entries      for q, Q, b and r, one for each key. An entry is `ticket:ms:member`, the member of a queue is
--                  `ms:channel`, as queue-member.lua tells. One of b may be empty: then
--                  the process enters no queue. Before the entry of a release stands what is to be done with it:
--                    empty    nothing; if the key is free, the next process is called
--                    -member  the process leaves the queue; so also if the key is reserved for it
--                    +entry   the process enters the queue; so also if the key is reserved for it
--                    =entry   the process enters the queue, and nobody is called
--                    =        nobody is called
--                  For p and P there is one entry, and then the number of permits; grant-permit.lua tells more.
--
-- The script returns a list with a reply for each operation, or the reply if there is only one operation,
-- or 1 if all replies are 1. A reply that is a string is an error. Kinds, and their other replies:
--
--   g G  grant: takes keys that are free
--   q Q  grant or enter: takes keys that are free or reserved for the process, or enters the queue of a key
--   p P  grant a permit or enter: takes the key of one permit of a semaphore
--   a A  adopt: takes keys from another token
--          1        the token holds the keys and, with fencing, the counters have the proposal
--          integer  the token holds the keys, and the counters have this value
--          list     denied; for each key that is in the way: the position of its resource, from 0; the first
--                   64 bytes of the key's value; its PTTL; for q, p and b, in the first of them, the ticket and
--                   the number of processes before this one; if the key is shared, in the sixth place, a list of
--                   tokens of its holders, of twenty at most; for p and P, in the seventh place, one character
--                   for each permit; what is not known before it is nil
--   e E  extend: prolongs keys that are held
--          1        extended
--          2        extended, but a counter is above the fencing token
--          0        not extended: another holds a key
--          -1       not extended: keys are missing, and another holds none
--     C  confirm: makes a fencing token the value of the counters
--   h H  heal: puts missing keys back
--          1        done
--          0        refused
--   r    release: deletes keys, and calls the next process for each key that is free then
--          0        a key did not hold the token; those that did are deleted
--          integer  all keys held the token; the number is 1 more than that of the processes in the queue
--   k    keep: leaves keys to another token for the ttl
--   s    swap: leaves keys to another token, with the expiry that they have
--          1        all keys hold the other token
--          0        a key held neither token; keys that held the token hold the other one
--   i    inspect: reads one key
--          list     its value, nil if it is missing; its PTTL; the number of processes in its queue; if it is
--                   shared, a list of the tokens of its holders, each followed by the ms that are left to it
--
-- A lock may be shared, which shared/holders.lua describes. Those locks have kinds of their own, without fencing.
-- Their replies are those of the kinds for exclusive locks; r and i are for both.
--
--   b    grant, or enter   x    extend     l    keep
--   d    adopt             u    heal       t    swap
--
-- Each operation is a function in a file of its own, which includes what it has in common with others.
-- These are its parameters, of which it takes as many as it needs; a release and a shared grant take others:
--
--   first        the position of its first key in KEYS
--   count        how many keys it has; with fencing, the counter of KEYS[i] is KEYS[i + count]
--   token, ttl, fence, counter_ttl, other_token
--                as in ARGV, so these are strings; nil if the kind has none. Of q, Q, p and P, the last one is
--                the position of the first entry in ARGV; of g and G, that of the first set in KEYS

-- An operation that fails must not disturb the others, so this is the function of Lua. The one of Redis, which has its
-- name from here on, guards single commands.
local run = pcall

-- include commands.lua

-- The reply of an operation that has failed.
local function failure_of(problem)
  if type(problem) == 'table' then
    return problem.err or 'ERR the operation has failed'
  end
  return tostring(problem)
end

-- Perf: a server runs the whole script each time, and making a function takes as long as calling it several
-- times. So a batch makes only the functions that it needs, each once.
local operations_by_letter = {}
local replies, answered = {}, 0
-- The keys that are free after a release, as release.lua describes them; nil as long as there is no release.
local freed, queues
local next_key, next_argument = 1, 1

while ARGV[next_argument] do
  local kind, operations = ARGV[next_argument], tonumber(ARGV[next_argument + 1])
  local letter, count = kind, 1
  if #kind > 1 then
    letter, count = string.sub(kind, 1, 1), tonumber(string.sub(kind, 2))
  end
  next_argument = next_argument + 2

  local operation = operations_by_letter[letter]
  if not operation then
    if letter == 'g' or letter == 'G' then
      -- include grant.lua
      operation = grant
    elseif letter == 'q' or letter == 'Q' then
      -- include grant-or-enter.lua
      operation = grant_or_enter
    elseif letter == 'p' or letter == 'P' then
      -- include grant-permit.lua
      operation = grant_permit
    elseif letter == 'a' or letter == 'A' then
      -- include adopt.lua
      operation = adopt
    elseif letter == 'e' or letter == 'E' then
      -- include extend.lua
      operation = extend
    elseif letter == 'C' then
      -- include confirm.lua
      operation = confirm
    elseif letter == 'h' or letter == 'H' then
      -- include heal.lua
      operation = heal
    elseif letter == 'r' then
      -- include release.lua
      operation = release
      freed, queues = {}, {}
    elseif letter == 'k' then
      -- include keep.lua
      operation = keep
    elseif letter == 's' then
      -- include swap.lua
      operation = swap
    elseif letter == 'i' then
      -- include inspect.lua
      operation = inspect
    elseif letter == 'b' then
      -- include queue-member.lua
      -- include enter.lua
      -- include obstacle.lua
      -- include shared/grant.lua
      operation = grant_shared
    elseif letter == 'd' then
      -- include shared/adopt.lua
      operation = adopt_shared
    elseif letter == 'x' then
      -- include shared/extend.lua
      operation = extend_shared
    elseif letter == 'u' then
      -- include shared/heal.lua
      operation = heal_shared
    elseif letter == 'l' then
      -- include shared/keep.lua
      operation = keep_shared
    elseif letter == 't' then
      -- include shared/swap.lua
      operation = swap_shared
    end
    operations_by_letter[letter] = operation
  end

  local succeeded, problem = true, nil
  if letter == 'r' then
    succeeded, problem =
      run(operation, next_key, count, next_argument, operations, replies, answered, freed, queues)
    next_key = next_key + operations * 3 * count
    next_argument = next_argument + operations * (1 + count)
  elseif letter == 'b' then
    local ttl = ARGV[next_argument]
    succeeded, problem =
      run(operation, next_key, count, next_argument + 1, operations, ttl, replies, answered)
    next_key = next_key + operations * 3 * count
    next_argument = next_argument + 1 + operations * (1 + count)
  else
    -- A capital. (`<` on strings depends on the locale of the server.)
    local fenced = string.byte(letter) < 97
    local is_permit = letter == 'p' or letter == 'P'
    local has_ttl = not string.find('sit', letter, 1, true)
    local has_entries = is_permit or letter == 'q' or letter == 'Q'
    local has_other_token = string.find('aAksdlt', letter, 1, true)
    local ttl, counter_ttl
    local keys_of_each = count
    if has_entries or letter == 'i' then
      keys_of_each = 3 * count
    elseif string.find('gGdxult', letter, 1, true) then
      keys_of_each = 2 * count
    end
    if has_ttl then
      ttl = ARGV[next_argument]
      next_argument = next_argument + 1
    end
    if fenced then
      counter_ttl = ARGV[next_argument]
      next_argument = next_argument + 1
      keys_of_each = keys_of_each + count
    end
    for number = answered + 1, answered + operations do
      local token, fence, other_token = ARGV[next_argument], nil, nil
      next_argument = next_argument + 1
      if fenced then
        fence = ARGV[next_argument]
        next_argument = next_argument + 1
      end
      if has_other_token then
        other_token = ARGV[next_argument]
        next_argument = next_argument + 1
      elseif has_entries then
        other_token = next_argument
        next_argument = next_argument + count
        if is_permit then
          next_argument = next_argument + 1
        end
      elseif letter == 'g' or letter == 'G' then
        other_token = next_key + keys_of_each - count
      end
      local done, reply = run(operation, next_key, count, token, ttl, fence, counter_ttl, other_token)
      replies[number] = done and reply or failure_of(reply)
      next_key = next_key + keys_of_each
    end
  end
  if not succeeded then
    for number = answered + 1, answered + operations do
      replies[number] = replies[number] or failure_of(problem)
    end
  end
  answered = answered + operations
end

-- Perf: time per release. Usually nobody waits, and one command says so for all releases.
if freed and queues[1] and pcall('exists', unpack(queues)) ~= 0 then
  -- include call-next.lua
  call_next(freed, queues, replies)
end

if answered == 1 then
  return replies[1]
end
for number = 1, answered do
  if replies[number] ~= 1 then
    return replies
  end
end
return 1
