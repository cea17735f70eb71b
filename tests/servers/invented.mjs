// A server that is like no other: nobody has a preset for it. Express 5 + Socket.IO 4, and nobody signs in.
//
//   node invented.mjs --port 0 [--token query --accept-token …]
//
// - `who.is.here` {"data":{"room":{"members":[{"id": 7, "profile":{"display"}}, …]}}} to everybody on every change, and
//   to a newcomer. Nobody has to ask. A newcomer is called Guest and a number, until it says `call.me` {"display"}.
// - `you.are` {"id"} to a newcomer.
// - `chat`: a client says a text, the others hear {"from":{"id","display"},"text"}.
// - Noise: `tick` (a number) every second, and `rooms`, a list of objects with ids and titles that are no people.
//
// Options of every server: lib/options.mjs. Prints `listening on http://127.0.0.1:PORT` once it does. Test-only routes
// are under /__test/ (lib/control.mjs).

import process from 'node:process'
import express from 'express-5'
import { admit, handedOut } from './lib/gate.mjs'
import { readOptions } from './lib/options.mjs'
import { listen, openSite, watchSite } from './lib/site.mjs'

const TICK = 1000
const ROOMS = [
  { id: 1, title: 'Lobby', open: true },
  { id: 2, title: 'Kitchen', open: true },
  { id: 3, title: 'Library', open: false },
]

const options = readOptions(process.argv.slice(2))
const site = await openSite(express, options)
const { room } = site

/** By id. `socket` is missing of somebody without a client. */
const members = new Map()
let lastId = 0

function list() {
  const rows = [...members].map(([id, { display }]) => ({ id, profile: { display } }))
  return { data: { room: { members: rows } } }
}

const tellAll = () => room.emit('who.is.here', list())
const withName = (name) => [...members].filter(([, { display }]) => display === name)

function enter(socket, display) {
  lastId += 1
  members.set(lastId, { display: display ?? `Guest ${lastId}`, socket })
  return lastId
}

admit(site, handedOut(options), (socket) => {
  const id = enter(socket)
  socket.emit('you.are', { id })
  socket.emit('rooms', ROOMS)
  tellAll()

  socket.on('call.me', (wish) => {
    members.get(id).display = String(wish?.display ?? `Guest ${id}`)
    tellAll()
  })
  socket.on('chat', (text) => {
    socket.broadcast.emit('chat', { from: { id, display: members.get(id).display }, text })
  })
  socket.on('disconnect', () => {
    members.delete(id)
    tellAll()
  })
})

let ticks = 0
setInterval(() => {
  ticks += 1
  room.emit('tick', ticks)
}, TICK)

watchSite(site, {
  here: () => [...members.values()].map(({ display }) => display),
  join: (name) => {
    enter(undefined, name)
    tellAll()
  },
  leave: (name) => {
    const [id] = withName(name).find(([, { socket }]) => !socket) ?? []
    if (!members.delete(id)) {
      throw new Error(`${name} was not made to join`)
    }
    tellAll()
  },
  sockets: (name) => withName(name).flatMap(([, { socket }]) => socket ?? []),
  say: (name, text) => {
    const [id] = withName(name)[0] ?? []
    room.emit('chat', { from: { id, display: name }, text })
  },
})
listen(site)
