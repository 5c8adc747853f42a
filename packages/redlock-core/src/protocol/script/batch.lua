-- The script that nodes run: a batch of operations, one after another. A command that fails makes its
-- operation's reply an error and leaves the other operations alone. There is no `#!lua` line, because a server
-- that is out of memory must still run releases.
--
-- A client may send a command again, and a Cluster may redirect it, so a batch may arrive late and twice.
-- Therefore an operation that finds a key held by its own token never shortens the expiry of that key,
-- except `keep`, whose purpose that is.
--
-- KEYS has, for each operation, the keys of its resources and, with fencing, their counters: first all
-- keys of the operation, then all counters in the same order.
--
-- ARGV consists of sections. A section has operations of one kind that differ in keys and tokens only:
--
--   kind         a letter, which is a capital for an operation with fencing; behind it the number of
--                resources that each operation has, unless that is 1: `g`, `G`, `G3`
--   operations   how many operations the section has
--   ttl          the expiry of the keys, in ms; not for r, s and i
--   counter ttl  the expiry of the counters, in ms; only with fencing
--   then for each operation:
--     token        the token that the keys hold or are to hold; empty for i
--     fence        only with fencing: for G and A the proposal, otherwise the fencing token
--     other token  for a and A the token that is replaced, for k and s the one that takes its place
--     channels     for r, one for each key: where its release is announced
--
-- Kinds and their replies:
--
--   g G  grant    takes keys that are free          1, a counter, or denials
--   a A  adopt    takes keys from another token     1, a counter, or denials
--   e E  extend   prolongs keys that are held       1 extended; 2 extended, but a counter is above the
--                                                   fencing token; 0 a key is another's; -1 no key is, but
--                                                   some are missing
--     C  confirm  agrees on a fencing token         1 done; 0 refused
--   h H  heal     puts missing keys back            1 done; 0 refused
--   r    release  deletes keys and announces it     1 + the number of listeners; 0 if not all keys held the token
--   k    keep     leaves keys to another token,     1 all keys hold the other token; 0 they do not
--                 for the ttl
--   s    swap     leaves keys to another token,     1 all keys hold the other token; 0 they do not
--                 with the expiry that they have
--   i    inspect  reads a key                       the value or nil, and the PTTL
--
--   1 of a grant or an adoption: the token has the keys and, with fencing, the counters have the proposal.
--   A counter: the token has the keys, and this is the value of the counters.
--   Denials: a list, for each key that is in the way, of the position of its resource (from 0), the
--   first 64 bytes of the key's value, and its PTTL.
--   A string: the operation failed with this error.
--
-- The script returns a list of these replies, or the only one, or 1 if all of them are 1.
--
-- Each operation is a function in a file of its own, which names what it shares with others by `include`.
-- Its parameters, as many of them as it needs:
--
--   first, count     KEYS[first] is its first key, and it has `count` keys; with fencing, the counter of
--                    KEYS[i] is KEYS[i + count]
--   token, ttl, fence, counter_ttl, other_token
--                    as in ARGV, that is, strings; nil where the kind has none

-- Perf: Redis runs the whole script each time, and to make a function costs as much as a few calls of it, so
-- a batch makes only those that it needs. For the same reason functions use `redis` and KEYS as the
-- globals that they are: a local variable that functions share is made anew each time as well.
local operations_by_letter = {}
local replies, answered = {}, 0
-- Keys that were released, in the order in which they are to be announced; see release.lua.
local released
-- Whether an operation that takes keys came after a release.
local may_be_taken = false
local key, argument = 1, 1

while ARGV[argument] do
  local letter, count = ARGV[argument], 1
  local operations = tonumber(ARGV[argument + 1])
  argument = argument + 2
  if #letter > 1 then
    count = tonumber(string.sub(letter, 2))
    letter = string.sub(letter, 1, 1)
  end

  local operate = operations_by_letter[letter]
  if not operate then
    if letter == 'g' or letter == 'G' then
      -- include grant.lua
      operate = grant
    elseif letter == 'a' or letter == 'A' then
      -- include adopt.lua
      operate = adopt
    elseif letter == 'e' or letter == 'E' then
      -- include extend.lua
      operate = extend
    elseif letter == 'C' then
      -- include confirm.lua
      operate = confirm
    elseif letter == 'h' or letter == 'H' then
      -- include heal.lua
      operate = heal
    elseif letter == 'r' then
      -- include release.lua
      operate = release
      released = {}
    elseif letter == 'k' then
      -- include keep.lua
      operate = keep
    elseif letter == 's' then
      -- include swap.lua
      operate = swap
    elseif letter == 'i' then
      -- include inspect.lua
      operate = inspect
    end
    operations_by_letter[letter] = operate
  end

  if letter == 'r' then
    operate(key, count, argument, operations, replies, answered, released)
    key = key + operations * count
    argument = argument + operations * (1 + count)
  else
    -- A capital. (`<` on strings depends on the locale of the server.)
    local fenced = string.byte(letter) < 97
    local has_ttl = letter ~= 's' and letter ~= 'i'
    local has_other_token = letter == 'a' or letter == 'A' or letter == 'k' or letter == 's'
    local ttl, counter_ttl
    local keys = count
    if has_ttl then
      ttl = ARGV[argument]
      argument = argument + 1
    end
    if fenced then
      counter_ttl = ARGV[argument]
      argument = argument + 1
      keys = 2 * count
    end
    for number = answered + 1, answered + operations do
      local token, fence, other_token = ARGV[argument], nil, nil
      argument = argument + 1
      if fenced then
        fence = ARGV[argument]
        argument = argument + 1
      end
      if has_other_token then
        other_token = ARGV[argument]
        argument = argument + 1
      end
      replies[number] = operate(key, count, token, ttl, fence, counter_ttl, other_token)
      key = key + keys
    end
    if released and has_ttl then
      may_be_taken = true
    end
  end
  answered = answered + operations
end

if released then
  -- include announce.lua
  announce(released, replies, may_be_taken)
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
