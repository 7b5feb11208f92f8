-- The load of wrk. With arguments (what is asked, API key, file of ids, name of this run) every request has an
-- Idempotency-Key that is never used again and is one of these:
--   purchase  buys one unit of any of the products in the file
--   reserve   holds one unit of any of them for 30 days
--   commit    takes what is held by the next of the reservations in the file, each once; the load ends with them
local ids = {}
local asked, before, between, after
sent = 0

local function key()
  sent = sent + 1
  return string.format('%010d', sent)
end

local function write()
  local id = ids[1]
  if #ids > 1 then id = ids[math.random(#ids)] end
  return before .. key() .. between .. id .. after
end

-- The microseconds of the clock; Lua itself counts whole seconds.
local ffi = require('ffi')
ffi.cdef('typedef struct { long s; long us; } moment; int gettimeofday(moment *, void *);')
local now = ffi.new('moment')
local function microseconds()
  ffi.C.gettimeofday(now, nil)
  return tonumber(now.s) * 1e6 + tonumber(now.us)
end

local function commit()
  if sent == #ids then
    if spent == 0 then spent = microseconds() - startedAt end
    wrk.thread:stop()
    return between
  end
  local name = key()
  return 'POST /api/v1/reservations/' .. ids[sent] .. '/commit' .. before .. name .. after
end

local documents = {
  purchase = {
    '/api/v1/purchases',
    '{"data":{"type":"purchases","attributes":{"quantity":1},"relationships":{"product":{"data":{"type":"products","id":"',
    '"}}}}}'
  },
  reserve = {
    '/api/v1/reservations',
    '{"data":{"type":"reservations","attributes":{"ttlSeconds":2592000,"lines":[{"quantity":1,"productId":"',
    '"}]}}}'
  }
}

-- How long it took until nothing was left to ask; 0 when something always was.
spent = 0

function init(args)
  if not args[1] then return end
  asked = args[1]
  for line in io.lines(args[3]) do ids[#ids + 1] = line end
  math.randomseed(os.time())
  local host = ' HTTP/1.1\r\nHost: ' .. wrk.host .. ':' .. wrk.port
  local headers = host .. '\r\nX-API-Key: ' .. args[2] .. '\r\nAccept: application/vnd.api+json'
  local name = '\r\nIdempotency-Key: ' .. args[4] .. '-'
  if asked == 'commit' then
    before = headers .. '\r\nContent-Length: 0' .. name
    between = 'GET /health/live' .. host .. '\r\n\r\n'
    after = '\r\n\r\n'
    startedAt = microseconds()
    request = commit
    return
  end
  local path, opening, closing = unpack(documents[asked])
  local length = #opening + #ids[1] + #closing
  before = 'POST ' .. path .. headers .. '\r\nContent-Type: application/vnd.api+json'
    .. '\r\nContent-Length: ' .. length .. name
  between = '\r\n\r\n' .. opening
  after = closing
  request = write
end

local loader

function setup(thread)
  loader = thread
end

function done(summary, latency)
  local errors = summary.errors
  local spent = loader:get('spent')
  if spent == 0 then spent = summary.duration end
  io.write(string.format(
    'LOAD {"requests":%d,"sent":%d,"seconds":%.6f,"p50Ms":%.3f,"p99Ms":%.3f,"errors":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}}\n',
    summary.requests, loader:get('sent'), spent / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
