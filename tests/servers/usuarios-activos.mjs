// A server of the `usuarios-activos` dialect, as it is in the field: Express 4 + Socket.IO 4, tokens in the header
// `x-token`, and presence is the connection.
//
//   node usuarios-activos.mjs --port 0 --users people.json [--pictures] [--token authorization] [--refuse error]
//
// Options of every server: lib/options.mjs. Prints `listening on http://127.0.0.1:PORT` once it does. Test-only routes
// are under /__test/ (lib/control.mjs).

import process from 'node:process'
import express from 'express'
import { ActivePeople } from './lib/active.mjs'
import { admit } from './lib/gate.mjs'
import { loginRoutes } from './lib/login.mjs'
import { readOptions } from './lib/options.mjs'
import { fullName, People } from './lib/people.mjs'
import { listen, openSite, watchSite } from './lib/site.mjs'
import { Tokens } from './lib/tokens.mjs'

const LAST_MESSAGES = 10

const options = readOptions(process.argv.slice(2), {
  token: { type: 'string', default: 'x-token' },
  refuse: { type: 'string', default: 'disconnect' },
  // Users have an `img`.
  pictures: { type: 'boolean', default: false },
})
if (options.token === 'none') {
  throw new Error('this server has to know whose a socket is: --token may not be none')
}

const people = new People(options.users)
const tokens = new Tokens()
const site = await openSite(express, options)
const { room } = site
const active = new ActivePeople((users) => room.emit('usuarios-activos', users), options)
const messages = []

/** To the sockets of `uid`, or to everybody by the list of the last messages. */
function send(from, mensaje, uid) {
  if (uid) {
    // The sender's other windows are not told.
    active.socketsOf(uid).forEach((socket) => socket.emit('mensaje-privado', { de: fullName(from), mensaje }))
    return
  }
  messages.unshift({ uid: from._id, nombre: fullName(from), mensaje })
  messages.splice(LAST_MESSAGES)
  room.emit('recibir-mensajes', messages)
}

admit(site, (token) => people.byId(tokens.read(token)?.uid), (socket, person) => {
  active.enter(person, socket)
  socket.emit('recibir-mensajes', messages)

  socket.on('enviar-mensaje', ({ mensaje, uid }, acknowledge) => {
    send(person, mensaje, uid)
    acknowledge?.({ id: `${socket.id}-${Date.now()}`, processID: process.pid, date: new Date().toISOString() })
  })
  socket.on('disconnect', () => active.exit(person, socket))
})

// In place of the socket of somebody without a client.
const PLAYED = { emit: () => {} }

watchSite(site, {
  users: () => people.all(),
  here: () => active.all().map(({ correo }) => correo),
  join: (correo) => active.enter(people.known(correo), PLAYED),
  leave: (correo) => active.exit(people.known(correo), PLAYED),
  sockets: (correo) => active.socketsOf(people.known(correo)._id).filter((socket) => socket !== PLAYED),
  say: (correo, text, to) => send(people.known(correo), text, to && people.known(to)._id),
  expireTokens: () => tokens.expireAll(),
})
site.app.use('/api/auth', loginRoutes({ people, tokens, options }))
listen(site)
