// A server of the reference dialect, as it is in the field: Express 4 + Socket.IO 4, users in memory.
//
// Express 4 on purpose: there an async handler that throws is an unhandled rejection, which ends the process. That is
// how the field's servers answer an incomplete body or an unknown `closeuser`, and what the app must never cause.
//
//   node reference.mjs --port 0 --users people.json [--event userList] [--shape names] [--transports polling]
//
// Prints `listening on http://127.0.0.1:PORT` once it does. Test-only routes are under /__test/ (lib/control.mjs).

import { createServer } from 'node:http'
import process from 'node:process'
import express from 'express'
import { Server } from 'socket.io'
import { accountRoutes } from './lib/accounts.mjs'
import { controlRoutes } from './lib/control.mjs'
import { openCors } from './lib/cors.mjs'
import { Journal } from './lib/journal.mjs'
import { readOptions } from './lib/options.mjs'
import { People } from './lib/people.mjs'
import { presenceEvents } from './lib/presence.mjs'

const options = readOptions(process.argv.slice(2))
const people = new People(options.users)
const journal = new Journal()

const app = express()
const server = createServer(app)
const io = new Server(server, { cors: { origin: '*' }, transports: options.transports })

app.use(openCors)
app.use(express.json())
app.use('/__test', controlRoutes({ people, journal, io }))
app.use(journal.requests())
app.use('/api', accountRoutes({ people, io, options }))
presenceEvents({ people, journal, io, options })

server.listen(options.port, options.host, () => {
  console.log(`listening on http://${options.host}:${server.address().port}`)
})

process.on('SIGTERM', () => process.exit(0))
