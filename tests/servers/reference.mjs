// A server of the reference dialect, as it is in the field: Express 4 + Socket.IO 4, users in memory.
//
// Express 4 on purpose: there an async handler that throws is an unhandled rejection, which ends the process. That is
// how the field's servers answer an incomplete body or an unknown `closeuser`, and what the app must never cause.
//
//   node reference.mjs --port 0 --users people.json [--event userList] [--shape names] [--transports polling]
//
// Options of every server: lib/options.mjs. Prints `listening on http://127.0.0.1:PORT` once it does. Test-only routes
// are under /__test/ (lib/control.mjs).

import process from 'node:process'
import express from 'express'
import { accountRoutes } from './lib/accounts.mjs'
import { oneOf, readOptions } from './lib/options.mjs'
import { People } from './lib/people.mjs'
import { presenceEvents } from './lib/presence.mjs'
import { SHAPES } from './lib/rows.mjs'
import { listen, openSite, watchSite } from './lib/site.mjs'

const values = readOptions(process.argv.slice(2), {
  // Under which name a client asks for the list.
  event: { type: 'string', default: 'user list' },
  shape: { type: 'string', default: 'nested' },
  // What cerrarSesion answers: `null` or an empty body, both are seen.
  'sign-out-answer': { type: 'string', default: 'null' },
  // Refuse to sign in before the address was verified, as servers with a mailer do.
  'verify-email': { type: 'boolean', default: false },
  // Tell everybody under this name when somebody has signed up.
  'new-user-event': { type: 'string', default: 'new user' },
  // What rows are like (lib/rows.mjs).
  'numeric-ids': { type: 'boolean', default: false },
  'offline-rows': { type: 'boolean', default: false },
  'first-twice': { type: 'boolean', default: false },
  'sparse-rows': { type: 'boolean', default: false },
  pictures: { type: 'boolean', default: false },
})
oneOf('shape', values.shape, Object.keys(SHAPES))
const options = {
  ...values,
  emptySignOut: values['sign-out-answer'] === 'empty',
  verifyEmail: values['verify-email'],
  newUserEvent: values['new-user-event'],
  numericIds: values['numeric-ids'],
  offlineRows: values['offline-rows'],
  firstTwice: values['first-twice'],
  sparseRows: values['sparse-rows'],
}

const people = new People(options.users)
const site = await openSite(express, options)
watchSite(site, presenceEvents(site, people))
site.app.use('/api', accountRoutes(site, people))
listen(site)
