// Run by mongosh again and again, as the health check of docker-compose.yml: begins the replica set where there is none
// yet, and succeeds once this node takes writes.
const NOT_YET_INITIALIZED = 94
try {
  rs.status()
} catch (error) {
  if (error.code !== NOT_YET_INITIALIZED) throw error
  rs.initiate({ _id: 'abasto', members: [{ _id: 0, host: 'mongodb:27017' }] })
}
if (!db.hello().isWritablePrimary) quit(1)
