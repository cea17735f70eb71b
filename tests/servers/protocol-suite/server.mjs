// The server of the Socket.IO project with the echo that the cases expect: by it one sees that the cases are right.
//
//   node protocol-suite/server.mjs [--eio3]
//
// Says where it listens, and ends with its standard input.

import { createServer } from 'node:http'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { Server as Engine } from 'engine.io'
import { Server } from 'socket.io'

const { values } = parseArgs({ options: { eio3: { type: 'boolean', default: false } } })
const settings = { pingInterval: 300, pingTimeout: 200, maxHttpBufferSize: 1_000_000, allowEIO3: values.eio3 }
const http = createServer()

const io = new Server(http, { ...settings, connectTimeout: 1000 })
for (const namespace of ['/', '/custom']) {
  io.of(namespace).on('connection', (socket) => {
    socket.emit('auth', socket.handshake.auth)
    socket.on('message', (...given) => socket.emit('message-back', ...given))
    socket.on('message-with-ack', (...given) => given.pop()(...given))
  })
}

const engine = new Engine(settings)
// The other one's upgrades are none of its business.
engine.attach(http, { path: '/engine.io', destroyUpgrade: false })
engine.on('connection', (socket) => socket.on('data', (data) => socket.send(data)))

http.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${http.address().port}`))
process.stdin.resume().on('end', () => process.exit(0))
