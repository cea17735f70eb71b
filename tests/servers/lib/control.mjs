// Routes for tests only: look at the server's truth, cut its clients off, make it say something.

import { Router } from 'express'
import { revive } from './binary.mjs'

export function controlRoutes({ people, journal, io }) {
  const router = Router()

  router.get('/users', (_request, response) => {
    response.json(people.all())
  })

  router.get('/log', (_request, response) => {
    response.json({ ...journal.report(), sockets: io.sockets.sockets.size })
  })

  // Without a word, as a proxy that restarts does; or `?how=disconnect`, the server's own way of throwing out.
  router.post('/drop', (request, response) => {
    if (request.query.how === 'disconnect') {
      io.disconnectSockets(true)
    } else {
      for (const client of Object.values(io.engine.clients)) {
        client.close(true)
      }
    }
    response.json({ sockets: io.sockets.sockets.size })
  })

  // {"event": "...", "args": [...]} to everybody; `{"$binary": base64}` becomes a Buffer.
  router.post('/emit', (request, response) => {
    const { event, args = [] } = request.body
    io.emit(event, ...args.map(revive))
    response.json({ sockets: io.sockets.sockets.size })
  })

  return router
}
