// What every server stands on: Express, Socket.IO of the wanted release, and a journal of what was heard.

import { createServer } from 'node:http'
import process from 'node:process'
import { controlRoutes } from './control.mjs'
import { openCors } from './cors.mjs'
import { Journal } from './journal.mjs'

const RELEASES = { 3: 'socket.io-3', 4: 'socket.io' }

/**
 * @param {Function} express the release of Express that this server runs on
 * @param {object} options of lib/options.mjs
 */
export async function openSite(express, options) {
  const { Server } = await import(RELEASES[options.socketio])
  const journal = new Journal()
  const app = express()
  const http = createServer(app)
  const io = new Server(http, {
    ...options.engine,
    cors: { origin: '*' },
    path: options.path,
    transports: options.transports,
  })
  io.engine.on('connection', ({ transport }) => journal.handshake(transport.name))

  app.use(openCors)
  app.use(express.json())
  return { app, http, io, room: io.of(options.namespace), journal, options }
}

/** Before the server's own routes: what the tests ask for, and everything else into the journal. */
export function watchSite(site, truth) {
  site.app.use('/__test', controlRoutes(site, truth))
  site.app.use(site.journal.requests())
}

/** Prints `listening on http://HOST:PORT` once it does. */
export function listen({ http, options }) {
  http.on('error', (error) => {
    console.error(error.message)
    process.exit(1)
  })
  http.listen(options.port, options.host, () => {
    console.log(`listening on http://${options.host}:${http.address().port}`)
  })
  process.on('SIGTERM', () => process.exit(0))
}
