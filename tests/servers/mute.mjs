// Servers on which nobody can be present, for finding that out: a site of Express 4 alone, whose errors are pages; or,
// with --socketio 2, one with the Socket.IO of years ago, which speaks Engine.IO 3.
//
//   node mute.mjs --port 0 [--socketio 2]
//
// Prints `listening on http://127.0.0.1:PORT` once it does. Test-only routes are under /__test/ (lib/control.mjs).

import { createServer } from 'node:http'
import process from 'node:process'
import express from 'express'
import { controlRoutes } from './lib/control.mjs'
import { Journal } from './lib/journal.mjs'
import { readOptions } from './lib/options.mjs'
import { listen } from './lib/site.mjs'

const options = readOptions(process.argv.slice(2), { socketio: { type: 'string', default: 'none' } })
const journal = new Journal()
const app = express()
const http = createServer(app)
// There is nothing on it that tests could do.
const empty = { journal, io: { engine: { clients: {} } }, room: { sockets: new Map(), emit: () => {} } }

if (options.socketio !== 'none') {
  const { default: attach } = await import(`socket.io-${options.socketio}`)
  const io = attach(http, { path: options.path, transports: options.transports })
  io.engine.on('connection', ({ transport }) => journal.handshake(transport.name))
  io.on('connection', (socket) => socket.emit('saludo', { emisor: 'Servidor', mensaje: 'Bienvenido al servidor' }))
}

app.use(express.json())
app.use('/__test', controlRoutes(empty, { here: () => [] }))
app.use(journal.requests())
app.get('/', (_request, response) => {
  response.type('html').send('<!doctype html><title>A site</title><p>Nothing to see here.</p>')
})
listen({ http, options })
