// A field client: the real socket.io-client, driven by lines on standard input.
//
//   PRESENTE_PASSWORD=… node client.mjs --url http://127.0.0.1:4000 --email ana@example.org
//       [--first-transport polling|websocket] [--token] [--event 'user list']
//
// Signs in over HTTP, connects, and prints one JSON object a line; `kind` says what it is:
//   signed-in | signed-out | refused {message}          answers over HTTP (a token is never printed)
//   connected {id, transport} | upgraded {transport} | disconnected {reason} | connect-error {message}
//   event {event, args} | ack {event, args}             binary is printed as {"$binary": base64}
//   failed {message}                                    this client could not do what it was told
// Commands: sign-in | sign-out | list | emit NAME [JSON] | quit     (a NAME with blanks: in double quotes)

import process from 'node:process'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { io } from 'socket.io-client'
import { plain, revive } from './lib/binary.mjs'

const { values: options } = parseArgs({
  options: {
    url: { type: 'string' },
    email: { type: 'string' },
    event: { type: 'string', default: 'user list' },
    'first-transport': { type: 'string', default: 'polling' },
    // Show the token in the CONNECT packet, for servers that want one.
    token: { type: 'boolean', default: false },
  },
})
const password = process.env.PRESENTE_PASSWORD ?? ''
let token
let socket

const say = (kind, more = {}) => console.log(JSON.stringify({ kind, ...more }))

async function post(route, body) {
  const answer = await fetch(new URL(route, options.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  return text === '' ? null : JSON.parse(text)
}

async function signIn() {
  const answer = await post('/api/auth/signIn', { logedUser: { email: options.email, password, from: 'signup' } })
  if (!answer?.success) {
    say('refused', { message: answer?.message ?? null })
    return
  }
  token = answer.response.token
  say('signed-in', { userData: answer.response.userData })
  if (socket) {
    list()
  } else {
    connect()
  }
}

async function signOut() {
  await post('/api/auth/signOut', { closeuser: options.email })
  say('signed-out')
  list()
}

function list() {
  socket?.emit(options.event)
}

function connect() {
  const transports = options['first-transport'] === 'websocket' ? ['websocket', 'polling'] : ['polling', 'websocket']
  // A function, so that a reconnect shows the token of the latest sign-in.
  const auth = options.token ? (give) => give({ token }) : undefined
  socket = io(options.url, { transports, auth, reconnectionDelay: 100, reconnectionDelayMax: 500 })
  socket.on('connect', () => {
    const { engine } = socket.io
    say('connected', { id: socket.id, transport: engine.transport.name })
    engine.once('upgrade', (transport) => say('upgraded', { transport: transport.name }))
    list()
  })
  socket.on('disconnect', (reason) => say('disconnected', { reason }))
  socket.on('connect_error', ({ message }) => say('connect-error', { message }))
  socket.onAny((event, ...args) => say('event', { event, args: args.map(plain) }))
}

const NAME_AND_PAYLOAD = /^(?:"(?<quoted>[^"]*)"|(?<bare>\S+))(?:\s+(?<payload>.*))?$/s

function emit(rest) {
  const match = NAME_AND_PAYLOAD.exec(rest)
  if (!match) {
    say('failed', { message: 'emit needs a name' })
    return
  }
  const { quoted, bare, payload } = match.groups
  const name = quoted ?? bare
  const args = payload === undefined ? [] : [revive(JSON.parse(payload))]
  socket.emit(name, ...args, (...answer) => say('ack', { event: name, args: answer.map(plain) }))
}

function quit() {
  socket?.close()
  process.exit(0)
}

/** An error is a rejection, so that the caller can say it. */
async function obey(line) {
  const [command, ...rest] = line.trim().split(/ (.*)/s)
  switch (command) {
    case '':
      return
    case 'sign-in':
      return signIn()
    case 'sign-out':
      return signOut()
    case 'list':
      return list()
    case 'emit':
      return emit(rest[0] ?? '')
    case 'quit':
      return quit()
    default:
      say('failed', { message: `no such command: ${command}` })
  }
}

async function main() {
  await signIn().catch((error) => say('failed', { message: error.message }))
  for await (const line of createInterface({ input: process.stdin })) {
    await obey(line).catch((error) => say('failed', { message: error.message }))
  }
  // Nobody gives orders any more.
  quit()
}

await main()
