// The reference client, socket.io-client, as a subject of the link's matrix: driven by lines (lib/lines.mjs).
//
// It is left to its own defaults: what it does not do by itself is not done for it.
// The first line on standard input says what to connect to:
//   {url, path, namespace, way: websocket | polling | upgrade | fallback, tokens: [one for each attempt, the last for
//    the rest], ca (file), hasten: n (its timers run n times as fast)}
// It says: attempt {n} | connected {transport, recovered} | upgraded {transport} | refused {message, data} |
//   event {event, args or size and sha256, wantsAck} | ack {id, args, error} | closed {reason} | failed {message}
// Commands: see `commands` below.

import { readFileSync } from 'node:fs'
import process from 'node:process'
import { toSend, toTell } from './lib/arguments.mjs'
import { obey, readOptions, say } from './lib/lines.mjs'

const WAYS = {
  websocket: { transports: ['websocket'] },
  polling: { transports: ['polling'] },
  upgrade: { transports: ['polling', 'websocket'] },
  fallback: { transports: ['websocket', 'polling'], tryAllTransports: true },
}

const options = await readOptions()
if (options.hasten) {
  hastenTimers(options.hasten)
}
// Only now, so that it finds the timers as they are meant to be.
const { io } = await import('socket.io-client')

let attempts = 0
let slow = 0
let heard = Promise.resolve()

const socket = io(new URL(options.namespace ?? '/', options.url).href, {
  ...WAYS[options.way],
  path: options.path ?? '/socket.io/',
  ca: options.ca ? readFileSync(options.ca) : undefined,
  // Asked whenever the namespace is connected, which is what an attempt is here.
  auth: (give) => give({ token: options.tokens?.[Math.min(attempts, options.tokens.length) - 1] }),
  autoConnect: false,
})

socket.io.on('reconnect_attempt', attempt)
socket.on('connect', () => {
  const { engine } = socket.io
  say('connected', { transport: engine.transport.name, recovered: socket.recovered })
  engine.once('upgrade', (transport) => say('upgraded', { transport: transport.name }))
})
socket.on('disconnect', (reason) => say('closed', { reason }))
socket.on('connect_error', (error) => {
  // One that the server has refused is not tried again by the library.
  if (!socket.active) {
    say('refused', { message: error.message, data: error.data })
  } else {
    say('closed', { reason: error.description?.message ?? error.message })
  }
})
socket.onAny((event, ...args) => {
  const acknowledge = typeof args.at(-1) === 'function' ? args.pop() : undefined
  heard = heard.then(async () => {
    if (slow > 0) {
      await new Promise((resolve) => setTimeout(resolve, slow))
    }
    say('event', { event, ...toTell(args), wantsAck: acknowledge !== undefined })
    acknowledge?.(...args)
  })
})

function attempt() {
  attempts += 1
  say('attempt', { n: attempts })
}

const commands = {
  emit: ({ event, args, count = 1, volatile = false }) => {
    const to = volatile ? socket.volatile : socket
    for (let i = 0; i < count; i += 1) {
      to.emit(event, ...toSend(args), ...(count > 1 ? [i] : []))
    }
  },
  // Asks `count` times at once, each with its number before the arguments; every answer is told.
  ask: ({ event, args, count = 1, timeout = 5000 }) => {
    for (let id = 0; id < count; id += 1) {
      socket.timeout(timeout).emit(event, id, ...toSend(args), (error, ...answer) => {
        say('ack', { id, ...(error ? { error: error.message } : toTell(answer)) })
      })
    }
  },
  kick: () => {
    attempt()
    socket.disconnect().connect()
  },
  slow: ({ ms }) => {
    slow = ms
  },
  stop: () => {
    socket.disconnect()
    say('stopped')
  },
}

/** Makes time fly for everything that is loaded after this. */
function hastenTimers(factor) {
  const { setTimeout: timer } = globalThis
  const { now } = Date
  const began = now()
  globalThis.setTimeout = (callback, delay, ...args) => timer(callback, (delay ?? 0) / factor, ...args)
  Date.now = () => began + (now() - began) * factor
}

process.on('SIGTERM', () => process.exit(0))
attempt()
socket.connect()
await obey(commands)
