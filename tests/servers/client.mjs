// A field client: the real socket.io-client, driven by lines on standard input.
//
//   PRESENTE_PASSWORD=… node client.mjs --url http://127.0.0.1:4000 --email ana@example.org
//       [--dialect reference|usuarios-activos|nickname|invented|friendly] [--first-transport polling|websocket]
//       [--token none|auth|session|x-token|authorization|query] [--event 'user list'] [--path …] [--namespace …]
//       [--release 2|3|4] [--only polling|websocket]
//
// Signs in over HTTP where the dialect knows that, connects, and prints one JSON object a line; `kind` says what:
//   signed-in | signed-out | refused {message}          answers over HTTP (a token is never printed)
//   connected {id, transport} | upgraded {transport} | disconnected {reason} | connect-error {message}
//   event {event, args} | ack {event, args}             binary is printed as {"$binary": base64}
//   failed {message}                                    this client could not do what it was told
// Commands: sign-in | sign-out | renew | list | say TEXT | tell UID TEXT | nickname NAME | close | open |
//   emit NAME [JSON] | quit                             (a NAME with blanks: in double quotes)
// A token in the environment's PRESENTE_TOKEN is shown in place of one from a sign-in.

import process from 'node:process'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { plain, revive } from './lib/binary.mjs'
import { release } from './lib/releases.mjs'
import { SHOWING, SPEECHES } from './lib/speech.mjs'

const { values: options } = parseArgs({
  options: {
    url: { type: 'string' },
    email: { type: 'string', default: '' },
    dialect: { type: 'string', default: 'reference' },
    event: { type: 'string', default: 'user list' },
    'first-transport': { type: 'string', default: 'polling' },
    // Where it shows its token; the dialect's own place unless told.
    token: { type: 'string' },
    path: { type: 'string', default: '/socket.io/' },
    namespace: { type: 'string', default: '/' },
    // Of socket.io-client; 2 speaks Engine.IO 3.
    release: { type: 'string', default: '4' },
    // The one transport it may use; both unless told.
    only: { type: 'string' },
  },
})
const { io, refusals, everything } = await release(options.release)
const { url, email, event } = options
const speech = SPEECHES[options.dialect]({ url, email, event, password: process.env.PRESENTE_PASSWORD ?? '' })
let token = process.env.PRESENTE_TOKEN
let userData
let nickname
let socket

const say = (kind, more = {}) => console.log(JSON.stringify({ kind, ...more }))

/** An answer over HTTP: whether it let us in. */
function admitted(answer) {
  if (answer.token === undefined) {
    say('refused', { message: answer.refused })
    return false
  }
  ;({ token, userData } = answer)
  say('signed-in', { userData })
  return true
}

async function signIn() {
  if (!admitted(await speech.signIn())) {
    return
  }
  if (socket) {
    list()
  } else {
    connect()
  }
}

async function signOut() {
  await speech.signOut()
  say('signed-out')
  list()
}

function list() {
  if (speech.ask) {
    socket?.emit(speech.ask)
  }
}

function connect() {
  const both = options['first-transport'] === 'websocket' ? ['websocket', 'polling'] : ['polling', 'websocket']
  const transports = options.only ? [options.only] : both
  socket = io(new URL(options.namespace, url).href, {
    ...SHOWING[options.token ?? speech.place](() => token),
    path: options.path,
    transports,
    reconnectionDelay: 100,
    reconnectionDelayMax: 500,
  })
  socket.on('connect', () => {
    const { engine } = socket.io
    say('connected', { id: socket.id, transport: engine.transport.name })
    engine.once('upgrade', (transport) => say('upgraded', { transport: transport.name }))
    if (nickname !== undefined) {
      socket.emit(...speech.rename(socket.id, nickname))
    }
    if (speech.arrive) {
      socket.emit(speech.arrive)
    }
    list()
  })
  socket.on('disconnect', (reason) => say('disconnected', { reason }))
  refusals(socket, (message) => say('connect-error', { message }))
  everything(socket, (name, ...args) => say('event', { event: name, args: args.map(plain) }))
}

/** Emits, and says what is answered. */
function send(name, ...args) {
  socket.emit(name, ...args, (...answer) => say('ack', { event: name, args: answer.map(plain) }))
}

function rename(name) {
  // Without a question for an acknowledgement: the field's clients do not ask for one here.
  socket.emit(...speech.rename(nickname ?? socket.id, name))
  nickname = name
}

const NAME_AND_PAYLOAD = /^(?:"(?<quoted>[^"]*)"|(?<bare>\S+))(?:\s+(?<payload>.*))?$/s

function emit(rest) {
  const match = NAME_AND_PAYLOAD.exec(rest)
  if (!match) {
    throw new Error('emit needs a name')
  }
  const { quoted, bare, payload } = match.groups
  send(quoted ?? bare, ...(payload === undefined ? [] : [revive(JSON.parse(payload))]))
}

function quit() {
  socket?.close()
  process.exit(0)
}

const commands = {
  '': () => {},
  'sign-in': signIn,
  'sign-out': signOut,
  renew: async () => admitted(await speech.renew(token)),
  list,
  say: (text) => send(...speech.say(text, userData)),
  tell: (rest) => {
    const [uid, text] = rest.split(/ (.*)/s)
    send(...speech.tell(uid, text))
  },
  nickname: rename,
  close: () => socket.close(),
  open: () => socket.open(),
  emit,
  quit,
}

/** An error is a rejection, so that the caller can say it. */
async function obey(line) {
  const [command, rest = ''] = line.trim().split(/ (.*)/s)
  if (!Object.hasOwn(commands, command)) {
    throw new Error(`no such command: ${command}`)
  }
  await commands[command](rest)
}

async function main() {
  const fail = (error) => say('failed', { message: error.message })
  if (speech.signIn && token === undefined) {
    await signIn().catch(fail)
  } else {
    connect()
  }
  for await (const line of createInterface({ input: process.stdin })) {
    await obey(line).catch(fail)
  }
  // Nobody gives orders any more.
  quit()
}

await main()
