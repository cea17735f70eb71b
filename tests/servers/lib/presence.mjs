// The Socket.IO side: who is here, greetings and announcements. Nothing is pushed unless somebody says `user list`.

import process from 'node:process'
import { randomUUID } from 'node:crypto'
import { publicRecord } from './accounts.mjs'

/** The spellings of the list that are seen in the field. */
export const SHAPES = {
  nested: (users) => ({ response: { user: users } }),
  'response-array': (users) => ({ response: users }),
  'user-array': (users) => ({ user: users }),
  array: (users) => users,
  names: (users) => users.map(({ firstName, lastName }) => [firstName, lastName].filter(Boolean).join(' ')),
}

export function presenceEvents({ people, journal, io, options }) {
  const list = () => SHAPES[options.shape](people.connected().map(publicRecord))

  io.on('connection', (socket) => {
    journal.socket(socket)
    socket.emit('saludo', { emisor: 'Servidor', mensaje: 'Bienvenido al servidor' })

    socket.on(options.event, () => {
      socket.emit('usersConected', list())
      socket.broadcast.emit('usersConected', list())
    })

    socket.on('enviar-mensaje', (payload, acknowledge) => {
      if (typeof acknowledge === 'function') {
        acknowledge({ id: randomUUID(), processID: process.pid, date: new Date().toISOString() })
      }
      socket.broadcast.emit('enviar-mensaje', payload)
    })
  })
}
