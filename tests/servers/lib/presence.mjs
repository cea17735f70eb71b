// The Socket.IO side of the reference: who is here, greetings and announcements. Nothing is pushed unless somebody says
// `user list`.

import process from 'node:process'
import { randomUUID } from 'node:crypto'
import { admit } from './gate.mjs'
import { fullName } from './people.mjs'
import { list } from './rows.mjs'

/** @returns what tests may do (lib/control.mjs) */
export function presenceEvents(site, people) {
  const { room, options } = site
  // Only of sockets that have shown a token.
  const owners = new Map()
  const push = () => room.emit('usersConected', list(people, options))

  admit(site, (token) => people.byToken(token), (socket, owner) => {
    if (owner) {
      owners.set(socket, owner)
      socket.on('disconnect', () => owners.delete(socket))
    }
    socket.emit('saludo', { emisor: 'Servidor', mensaje: 'Bienvenido al servidor' })

    socket.on(options.event, () => {
      socket.emit('usersConected', list(people, options))
      socket.broadcast.emit('usersConected', list(people, options))
    })

    socket.on('enviar-mensaje', (payload, acknowledge) => {
      if (typeof acknowledge === 'function') {
        acknowledge({ id: randomUUID(), processID: process.pid, date: new Date().toISOString() })
      }
      socket.broadcast.emit('enviar-mensaje', owner ? signed(payload, owner) : payload)
    })
  })

  const set = (email, isConected) => {
    people.known(email).isConected = isConected
    push()
  }
  return {
    users: () => people.all(),
    here: () => people.connected().map(({ email }) => email),
    join: (email) => set(email, true),
    leave: (email) => set(email, false),
    sockets: (email) => [...owners].filter(([, owner]) => owner.email === email).map(([socket]) => socket),
    say: (email, mensaje) => room.emit('enviar-mensaje', signed({ mensaje }, people.known(email))),
    expireTokens: () => people.expireTokens(),
  }
}

/** An announcement with the name of who sends it; what a client claims there does not count. */
function signed(payload, owner) {
  const announcement = payload !== null && typeof payload === 'object' ? payload : { mensaje: payload }
  return { ...announcement, emisor: fullName(owner) }
}
