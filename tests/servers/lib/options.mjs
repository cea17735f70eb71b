// What can be said on the command line of the reference server.

import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { SHAPES } from './presence.mjs'

const SEED = ['email', 'password', 'firstName', 'lastName']

/** @param {string[]} args without the interpreter and the script */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      // email:password:First:Last, for typing by hand; names with a colon in them need --users.
      user: { type: 'string', multiple: true, default: [] },
      // A JSON file: [{"email","password","firstName","lastName"}, …]
      users: { type: 'string' },
      // Under which name a client asks for the list.
      event: { type: 'string', default: 'user list' },
      shape: { type: 'string', default: 'nested' },
      transports: { type: 'string', default: 'polling,websocket' },
      // What cerrarSesion answers: `null` or an empty body, both are seen.
      'sign-out-answer': { type: 'string', default: 'null' },
      // Refuse to sign in before the address was verified, as servers with a mailer do.
      'verify-email': { type: 'boolean', default: false },
      // Tell everybody under this name when somebody has signed up.
      'new-user-event': { type: 'string' },
    },
  })
  if (!Object.hasOwn(SHAPES, values.shape)) {
    throw new Error(`--shape is one of ${Object.keys(SHAPES).join(', ')}, not ${values.shape}`)
  }
  const fromFile = values.users ? JSON.parse(readFileSync(values.users, 'utf8')) : []
  return {
    port: Number(values.port),
    host: values.host,
    users: [...fromFile, ...values.user.map(splitUser)],
    event: values.event,
    shape: values.shape,
    transports: values.transports.split(','),
    emptySignOut: values['sign-out-answer'] === 'empty',
    verifyEmail: values['verify-email'],
    newUserEvent: values['new-user-event'],
  }
}

function splitUser(text) {
  const parts = text.split(':')
  return Object.fromEntries(SEED.map((field, index) => [field, parts[index] ?? '']))
}
