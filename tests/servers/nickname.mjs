// A server of the nickname dialect, as it is in the field: Express 4 + Socket.IO 4, and nobody signs in. Who connects
// is listed under the id of the socket until they have given themselves a nickname.
//
//   node nickname.mjs --port 0 [--logout-by id] [--token query --accept-token …]
//
// Options of every server: lib/options.mjs. Prints `listening on http://127.0.0.1:PORT` once it does. Test-only routes
// are under /__test/ (lib/control.mjs).

import process from 'node:process'
import { randomUUID } from 'node:crypto'
import express from 'express'
import { admit, handedOut } from './lib/gate.mjs'
import { oneOf, readOptions } from './lib/options.mjs'
import { listen, openSite, watchSite } from './lib/site.mjs'

const options = readOptions(process.argv.slice(2), {
  // What `logout` says: the name of the one who went (`name`), or the id of the socket, whatever its name was (`id`).
  'logout-by': { type: 'string', default: 'name' },
})
oneOf('logout-by', options['logout-by'], ['name', 'id'])
const site = await openSite(express, options)
const { room } = site

/** The names, by socket; of somebody without a client by a symbol. */
const names = new Map()
const listed = () => [...names.values()]
const holdersOf = (name) => [...names].filter(([, held]) => held === name).map(([holder]) => holder)
const isPlayed = (holder) => typeof holder === 'symbol'

admit(site, handedOut(options), (socket) => {
  names.set(socket, socket.id)
  socket.emit('saludo', { emisor: 'Servidor', mensaje: 'Bienvenido al servidor' })
  socket.emit('usersConected', listed())
  socket.broadcast.emit('connection', socket.id)

  socket.on('updateNickname', ({ oldNickname, newNickname }) => {
    // Whoever says an old name is believed to be its holder, as in the field.
    const [holder] = holdersOf(oldNickname)
    if (holder) {
      names.set(holder, newNickname)
      socket.broadcast.emit('updateUsers', oldNickname, newNickname)
    }
  })

  socket.on('enviar-mensaje', (payload, acknowledge) => {
    acknowledge?.({ id: randomUUID(), processID: process.pid, date: new Date().toISOString() })
    const announcement = payload !== null && typeof payload === 'object' ? payload : { mensaje: payload }
    socket.broadcast.emit('enviar-mensaje', { ...announcement, emisor: names.get(socket) })
  })

  socket.on('disconnect', () => {
    const name = names.get(socket)
    names.delete(socket)
    room.emit('logout', options['logout-by'] === 'id' ? socket.id : name)
  })
})

watchSite(site, {
  here: listed,
  join: (name) => {
    names.set(Symbol(name), name)
    room.emit('connection', name)
  },
  leave: (name) => {
    const [holder] = holdersOf(name).filter(isPlayed)
    if (!holder) {
      throw new Error(`${name} was not made to join`)
    }
    names.delete(holder)
    room.emit('logout', name)
  },
  sockets: (name) => holdersOf(name).filter((holder) => !isPlayed(holder)),
  say: (name, mensaje) => room.emit('enviar-mensaje', { mensaje, emisor: name }),
})
listen(site)
