// A real Socket.IO server for the link's matrix, driven by lines (lib/lines.mjs).
//
// The first line on standard input is what it is to be like; everything may be left out:
//   {port, host, path, namespace, engine: {pingInterval, transports, …}, recovery: true, tls: {key, cert} (files),
//    tokens: […] (who shows none of them is refused), refuse: {times, message, data}, closeAfterConnect: true,
//    burstOnConnect: n, alsoNamespaces: […] (which let everybody in)}
// It says: listening {port} | engine-open, engine-close {engine, transport, live, reason} | upgraded {engine} |
//   connected {namespace, socket, transport, recovered, token (its place in the list)} | refused {token} |
//   disconnected {namespace, socket, reason} | heard {event, args or size and sha256, wantsAck} | ack {id, args, error} |
//   counts {live, mostLive, handshakes} | failed {message}
// Commands: see `commands` below. `echo` from a client is sent back; whoever wants an acknowledgement gets its own
// arguments back, unless the event is `unanswered`.

import { createServer as plainServer } from 'node:http'
import { createServer as tlsServer } from 'node:https'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { Server } from 'socket.io'
import { toSend, toTell } from './lib/arguments.mjs'
import { obey, readOptions, say } from './lib/lines.mjs'
import { writeBytes, writeRaw } from './lib/raw.mjs'

const options = await readOptions()
const http = options.tls
  ? tlsServer({ key: readFileSync(options.tls.key), cert: readFileSync(options.tls.cert) })
  : plainServer()
const io = new Server(http, {
  ...options.engine,
  path: options.path ?? '/socket.io/',
  connectionStateRecovery: options.recovery ? { maxDisconnectionDuration: 60_000 } : undefined,
})
const room = io.of(options.namespace ?? '/')
const counts = { mostLive: 0, handshakes: 0 }
let refusals = options.refuse?.times ?? 0

io.engine.on('connection', (engine) => {
  const live = io.engine.clientsCount
  counts.handshakes += 1
  counts.mostLive = Math.max(counts.mostLive, live)
  say('engine-open', { engine: engine.id, transport: engine.transport.name, live })
  engine.once('upgrade', () => say('upgraded', { engine: engine.id }))
  engine.once('close', (reason) => {
    // The engine takes it off its list only after this.
    queueMicrotask(() => say('engine-close', { engine: engine.id, reason, live: io.engine.clientsCount }))
  })
})

room.use((socket, next) => {
  const token = options.tokens?.indexOf(socket.handshake.auth?.token)
  if (refusals > 0 || token === -1) {
    refusals -= 1
    const { message = 'token expired', data = { code: 'EXPIRED' } } = options.refuse ?? {}
    say('refused', { token })
    next(Object.assign(new Error(message), { data }))
  } else {
    next()
  }
})

room.on('connection', welcome)
options.alsoNamespaces?.forEach((name) => io.of(name).on('connection', welcome))

function welcome(socket) {
  const { recovered, conn, handshake } = socket
  const token = options.tokens?.indexOf(handshake.auth?.token)
  const namespace = socket.nsp.name
  say('connected', { namespace, socket: socket.id, transport: conn.transport.name, recovered, token })
  socket.onAny((event, ...args) => hear(socket, event, args))
  socket.on('disconnect', (reason) => say('disconnected', { namespace, socket: socket.id, reason }))
  burst(socket, options.burstOnConnect ?? 0)
  if (options.closeAfterConnect) {
    setTimeout(() => conn.close(), 20)
  }
}

function hear(socket, event, args) {
  const acknowledge = typeof args.at(-1) === 'function' ? args.pop() : undefined
  say('heard', { event, ...toTell(args), wantsAck: acknowledge !== undefined })
  if (event === 'echo') {
    socket.emit('echo', ...args)
  }
  if (event !== 'unanswered') {
    acknowledge?.(...args)
  }
}

function burst(to, count) {
  for (let i = 0; i < count; i += 1) {
    to.emit('number', i)
  }
}

const engines = () => Object.values(io.engine.clients)

/** The newest connection: an older one may still be taken for alive. */
function newest() {
  const engine = engines().at(-1)
  if (!engine) {
    throw new Error('nobody is connected')
  }
  return engine
}

const commands = {
  emit: ({ event, args }) => room.emit(event, ...toSend(args)),
  burst: ({ count }) => burst(room, count),
  // Asks `count` times at once, each with its number before the arguments; every answer is told.
  ask: ({ event, args, count = 1, timeout = 5000 }) => {
    const socket = [...room.sockets.values()].at(-1)
    for (let id = 0; id < count; id += 1) {
      socket.timeout(timeout).emit(event, id, ...toSend(args), (error, ...answer) => {
        say('ack', { id, ...(error ? { error: error.message } : toTell(answer)) })
      })
    }
  },
  disconnect: ({ close = true }) => room.disconnectSockets(close),
  'close-engine': () => engines().forEach((engine) => engine.close(true)),
  raw: async ({ text, close = false }) => {
    const engine = newest()
    await writeRaw(engine, text)
    if (close) {
      engine.close()
    }
  },
  bytes: ({ base64 }) => writeBytes(newest(), base64),
  counts: () => say('counts', { live: io.engine.clientsCount, ...counts }),
  // The clean end: everybody is told.
  end: () => io.close(() => process.exit(0)),
}

process.on('SIGTERM', () => process.exit(0))
http.on('error', (error) => {
  console.error(error.message)
  process.exit(1)
})
http.listen(options.port ?? 0, options.host ?? '127.0.0.1', () => say('listening', { port: http.address().port }))
await obey(commands)
