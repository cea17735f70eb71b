// Routes for tests only: look at the server's truth, cut its clients off, make it say something, and play members that
// have no client.

import { Router } from 'express'
import { revive } from './binary.mjs'

/**
 * What a server lets tests do; `who` is an e-mail address, or whatever it lists people by.
 * @typedef {object} Truth
 * @property {() => object[]} [users] all user records
 * @property {() => string[]} here who is here, in the server's eyes
 * @property {(who: string) => void} [join] somebody without a client comes
 * @property {(who: string) => void} [leave] and goes
 * @property {(who: string) => object[]} [sockets] for throwing somebody out
 * @property {(from: string, text: string, to?: string) => void} [say] a message of somebody
 * @property {() => void} [expireTokens] no token so far is good any more
 */

export function controlRoutes({ journal, io, room }, truth) {
  const router = Router()
  const count = (response) => response.json({ sockets: room.sockets.size })

  router.get('/users', (_request, response) => {
    response.json(truth.users?.() ?? [])
  })

  router.get('/here', (_request, response) => {
    response.json(truth.here())
  })

  router.get('/log', (_request, response) => {
    response.json({ ...journal.report(), sockets: room.sockets.size })
  })

  // Without a word, as a proxy that restarts does; or `?how=disconnect`, the server's own way of throwing out.
  router.post('/drop', (request, response) => {
    if (request.query.how === 'disconnect') {
      throwOut([...room.sockets.values()])
    } else {
      for (const client of Object.values(io.engine.clients)) {
        client.close(true)
      }
    }
    count(response)
  })

  // {"event": "...", "args": [...]} to everybody; `{"$binary": base64}` becomes a Buffer.
  router.post('/emit', (request, response) => {
    const { event, args = [] } = request.body
    room.emit(event, ...args.map(revive))
    count(response)
  })

  const commands = {
    join: ({ who }) => truth.join(who),
    leave: ({ who }) => truth.leave(who),
    kick: ({ who }) => throwOut(someOf(truth.sockets(who), who)),
    say: ({ who, text, to }) => truth.say(who, text, to),
    'expire-tokens': () => truth.expireTokens(),
  }
  for (const [name, command] of Object.entries(commands)) {
    router.post(`/${name}`, (request, response) => {
      try {
        command(request.body ?? {})
      } catch (error) {
        response.status(422).json({ message: error.message })
        return
      }
      count(response)
    })
  }

  return router
}

function throwOut(sockets) {
  for (const socket of sockets) {
    socket.disconnect(true)
  }
}

function someOf(sockets, who) {
  if (sockets.length === 0) {
    throw new Error(`${who} has no socket`)
  }
  return sockets
}
