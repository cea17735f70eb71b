// What can be said on the command line of every server. A server may add options of its own.

import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { PLACES } from './gate.mjs'

const SEED = ['email', 'password', 'firstName', 'lastName']

const COMMON = {
  port: { type: 'string', default: '0' },
  host: { type: 'string', default: '127.0.0.1' },
  // email:password:First:Last, for typing by hand; names with a colon in them need --users.
  user: { type: 'string', multiple: true, default: [] },
  // A JSON file: [{"email","password","firstName","lastName"}, …]
  users: { type: 'string' },
  // Which release of Socket.IO it runs on: 3 or 4.
  socketio: { type: 'string', default: '4' },
  transports: { type: 'string', default: 'polling,websocket' },
  path: { type: 'string', default: '/socket.io/' },
  namespace: { type: 'string', default: '/' },
  // Where a socket has to show its token (lib/gate.mjs).
  token: { type: 'string', default: 'none' },
  // A token that is good without a sign-in, for servers that have none.
  'accept-token': { type: 'string', multiple: true, default: [] },
  // How a socket without a good token is refused: by CONNECT_ERROR (`error`), or let in and thrown out (`disconnect`).
  refuse: { type: 'string', default: 'error' },
  // The heartbeat, ms.
  'ping-interval': { type: 'string', default: '25000' },
  'ping-timeout': { type: 'string', default: '20000' },
}

/**
 * @param {string[]} args without the interpreter and the script
 * @param {object} own more options, or other defaults, as `parseArgs` takes them
 */
export function readOptions(args, own = {}) {
  const { values } = parseArgs({ args, options: { ...COMMON, ...own } })
  oneOf('token', values.token, Object.keys(PLACES))
  oneOf('refuse', values.refuse, ['error', 'disconnect'])
  const fromFile = values.users ? JSON.parse(readFileSync(values.users, 'utf8')) : []
  return {
    ...values,
    port: Number(values.port),
    users: [...fromFile, ...values.user.map(splitUser)],
    transports: values.transports.split(','),
    acceptTokens: values['accept-token'],
    engine: { pingInterval: Number(values['ping-interval']), pingTimeout: Number(values['ping-timeout']) },
  }
}

/** Ends the process over a value that is none of the possible ones. */
export function oneOf(option, value, possible) {
  if (!possible.includes(value)) {
    throw new Error(`--${option} is one of ${possible.join(', ')}, not ${value}`)
  }
}

function splitUser(text) {
  const parts = text.split(':')
  return Object.fromEntries(SEED.map((field, index) => [field, parts[index] ?? '']))
}
