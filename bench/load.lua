-- The load of wrk. With arguments (API key, file of product ids, name of this run) every request is a purchase of one
-- unit of one of those products, under an Idempotency-Key that is never used again.
local ids = {}
local before, between, after
local sent = 0

local function purchase()
  sent = sent + 1
  local id = ids[1]
  if #ids > 1 then id = ids[math.random(#ids)] end
  return before .. string.format('%010d', sent) .. between .. id .. after
end

function init(args)
  if not args[1] then return end
  for line in io.lines(args[2]) do ids[#ids + 1] = line end
  math.randomseed(os.time())
  local opening = '{"data":{"type":"purchases","attributes":{"quantity":1},"relationships":{"product":{"data":{"type":"products","id":"'
  after = '"}}}}}'
  before = 'POST /api/v1/purchases HTTP/1.1\r\nHost: ' .. wrk.host .. ':' .. wrk.port
    .. '\r\nX-API-Key: ' .. args[1]
    .. '\r\nAccept: application/vnd.api+json\r\nContent-Type: application/vnd.api+json'
    .. '\r\nContent-Length: ' .. (#opening + #ids[1] + #after)
    .. '\r\nIdempotency-Key: ' .. args[3] .. '-'
  between = '\r\n\r\n' .. opening
  request = purchase
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'LOAD {"requests":%d,"perSecond":%.3f,"p50Ms":%.3f,"p99Ms":%.3f,"errors":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}}\n',
    summary.requests, summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
