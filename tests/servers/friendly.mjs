// FRIENDLY - a little presence server. Express 5, Socket.IO 4, everything in memory.
//
//   node friendly.mjs --port 0 --users people.json
//
// README
//
// Accounts. There is no sign-up; ask the person who runs the server.
//   POST /login   {"user": "<e-mail>", "pass": "<password>"}
//     200  {"ok": true, "data": {"session": "<opaque>", "profile": {"key": "u-1", "label": "Ana López", "mail": "…"}}}
//     403  {"ok": false, "why": "Unknown name or password"}
//   POST /logout  {"session": "<opaque>"}
//     200  {"ok": true}     The session ends, and the sockets that were opened with it.
//
// Socket. At the usual path and in the main namespace. Show your session in the auth payload: {"session": "<opaque>"}.
// Without a good one you get a connection error with the message "No such session".
//
// Presence. Having a socket does not mean that you are here; you say so:
//   you say  i-am-here             no arguments; everybody else hears `came`
//   you say  i-am-gone             no arguments; everybody else hears `went`, unless you are here by another socket
// When your last socket closes you are gone, too.
//   you say  who                   no arguments; you, and only you, get `people`
//   you hear people {"list": {"online": [{"key": "u-1", "label": "Ana López", "mail": "…"}, …]}}
//   you hear came   {"key", "label", "mail"}
//   you hear went   "u-1"
//
// Messages go to everybody else who has a socket, here or not.
//   you say  say  {"what": "Coffee?"}     acknowledged with {"ok": true, "number": 12}
//   you hear said {"by": "Ana López", "what": "Coffee?"}
//
// For tests: options in lib/options.mjs, routes under /__test/ in lib/control.mjs.

import { randomBytes } from 'node:crypto'
import process from 'node:process'
import express from 'express-5'
import { readOptions } from './lib/options.mjs'
import { fullName, People } from './lib/people.mjs'
import { listen, openSite, watchSite } from './lib/site.mjs'

const options = readOptions(process.argv.slice(2))
if (options.token !== 'none') {
  throw new Error('this server looks for its sessions in one place only')
}
const people = new People(options.users)
const site = await openSite(express, options)
const { app, room, journal } = site

const sessions = new Map()
/** Who said that they are here, with the sockets that said it; the sockets of somebody without a client are none. */
const here = new Map()
let messages = 0

const profile = (person) => ({ key: `u-${person.number}`, label: fullName(person), mail: person.email })
const socketsOf = (person) => [...room.sockets.values()].filter(({ handshake }) => ownerOf(handshake) === person)
const ownerOf = ({ auth }) => sessions.get(auth?.session)

function come(person, socket) {
  const sockets = here.get(person) ?? new Set()
  const isNews = !here.has(person)
  here.set(person, socket ? sockets.add(socket) : sockets)
  if (isNews) {
    const others = socket ? socket.broadcast : room
    others.emit('came', profile(person))
  }
}

function go(person, socket) {
  const sockets = here.get(person)
  if (!sockets || (socket && !sockets.delete(socket))) {
    return
  }
  if (sockets.size === 0) {
    here.delete(person)
    const others = socket?.connected ? socket.broadcast : room
    others.emit('went', profile(person).key)
  }
}

function announce(to, person, what) {
  messages += 1
  to.emit('said', { by: fullName(person), what })
  return messages
}

room.use((socket, next) => {
  if (ownerOf(socket.handshake)) {
    next()
  } else {
    journal.refused(socket)
    next(new Error('No such session'))
  }
})

room.on('connection', (socket) => {
  const person = ownerOf(socket.handshake)
  journal.socket(socket)
  socket.on('i-am-here', () => come(person, socket))
  socket.on('i-am-gone', () => go(person, socket))
  socket.on('disconnect', () => go(person, socket))
  socket.on('who', () => socket.emit('people', { list: { online: [...here.keys()].map(profile) } }))
  socket.on('say', (message, acknowledge) => {
    const isText = typeof message?.what === 'string'
    const answer = isText ? { ok: true, number: announce(socket.broadcast, person, message.what) } : { ok: false }
    if (typeof acknowledge === 'function') {
      acknowledge(answer)
    }
  })
})

watchSite(site, {
  users: () => people.all(),
  here: () => [...here.keys()].map(({ email }) => email),
  join: (email) => come(people.known(email)),
  leave: (email) => go(people.known(email)),
  sockets: (email) => socketsOf(people.known(email)),
  say: (email, text) => announce(room, people.known(email), text),
  expireTokens: () => sessions.clear(),
})

app.post('/login', (request, response) => {
  const { user, pass } = request.body ?? {}
  const person = people.byEmail(user)
  if (!person || !people.knowsPassword(person, pass)) {
    response.status(403).json({ ok: false, why: 'Unknown name or password' })
    return
  }
  const session = randomBytes(24).toString('base64url')
  sessions.set(session, person)
  response.json({ ok: true, data: { session, profile: profile(person) } })
})

app.post('/logout', (request, response) => {
  const { session } = request.body ?? {}
  const sockets = [...room.sockets.values()].filter(({ handshake }) => handshake.auth?.session === session)
  sockets.forEach((socket) => socket.disconnect(true))
  sessions.delete(session)
  response.json({ ok: true })
})

listen(site)
