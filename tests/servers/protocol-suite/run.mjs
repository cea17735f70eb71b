// The cases of the protocol suites of the Socket.IO project (github.com/socketio, `engine.io-protocol` and
// `socket.io-protocol`, test-suite), written anew for these tests: the same questions to a server, each asked by code
// of our own.
//
//   node protocol-suite/run.mjs --url http://127.0.0.1:3000 [--eio 3|4] [--calm]
//
// Plays one after the other and prints one JSON object a line: {suite, group, title, passed, error?}.

import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import * as engine from './engine.mjs'
import * as socket from './socket.mjs'
import { Place } from './wire.mjs'

/** How long a case may take. */
const PATIENCE = 5000
/** How often one that failed is tried: timers of 200 ms are not kept on a machine that has much to do. */
const TRIES = 3

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    eio: { type: 'string', default: '4' },
    // For servers that say their first ping at once: it is answered before a case begins.
    calm: { type: 'boolean', default: false },
  },
})
const { url, calm } = values
const eio = Number(values.eio)
const bare = new Place({ url, path: '/engine.io/', eio, calm })
const whole = new Place({ url, path: '/socket.io/', eio, calm })
// On version 3 a server of Socket.IO says two packets unasked: CONNECT, and the event `auth`.
const unasked = eio === 3 ? 2 : 0

const suites = {
  [`Engine.IO ${eio}`]: {
    handshake: engine.handshake(bare),
    message: engine.messages(bare),
    heartbeat: engine.heartbeat(bare),
    close: engine.close(bare),
    upgrade: engine.upgrade(bare, true),
  },
  [`Socket.IO on Engine.IO ${eio}`]: {
    handshake: engine.handshake(whole),
    heartbeat: engine.heartbeat(whole, unasked),
    close: engine.close(whole, unasked),
    upgrade: engine.upgrade(whole, false),
    connect: socket.connect(whole),
    disconnect: socket.disconnect(whole),
    message: socket.messages(whole),
    'of our own': socket.pollingBytes(whole),
  },
}

async function outcome(play, tries = TRIES) {
  const late = sleep(PATIENCE, undefined, { ref: false }).then(() => Promise.reject(new Error('nothing came')))
  try {
    await Promise.race([play(), late])
    return { passed: true }
  } catch ({ message }) {
    return tries > 1 ? outcome(play, tries - 1) : { passed: false, error: message }
  }
}

for (const [suite, groups] of Object.entries(suites)) {
  for (const [group, cases] of Object.entries(groups)) {
    for (const [title, play] of Object.entries(cases)) {
      console.log(JSON.stringify({ suite, group, title, ...(await outcome(play)) }))
    }
  }
}
process.exit(0)
