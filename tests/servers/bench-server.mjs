// The server of the benchmark: socket.io with its defaults, but for the heartbeat's interval in ms, the only argument.
// Its first line is {"port": n}; it ends when its standard input does.
//
//   burst {count}   is answered with so many events `tick {number}`
//   expect {count}  is answered with `counted` once so many events `tick` have come
//   list {count}    is answered with one event `usuarios`, a list of so many people

import { createServer } from 'node:http'
import process from 'node:process'
import { Server } from 'socket.io'

const pingInterval = Number(process.argv[2] ?? 25_000)
const http = createServer()
const io = new Server(http, { pingInterval })
const lists = new Map()

io.on('connection', (socket) => {
  let missing = 0
  socket.on('burst', ({ count }) => {
    for (let number = 0; number < count; number += 1) {
      socket.emit('tick', { number })
    }
  })
  socket.on('expect', ({ count }) => {
    missing = count
  })
  socket.on('tick', () => {
    missing -= 1
    if (missing === 0) {
      socket.emit('counted', true)
    }
  })
  socket.on('list', ({ count }) => socket.emit('usuarios', people(count)))
})

/** People as lists of the field tell of them, about 133 bytes each; every other one is connected. */
function people(count) {
  if (!lists.has(count)) {
    lists.set(count, Array.from({ length: count }, (_, number) => person(number)))
  }
  return lists.get(count)
}

function person(number) {
  const hex = number.toString(16).padStart(8, '0')
  return {
    uid: `65f1c0de5eed0001${hex}`,
    nombre: number % 5 === 0 ? 'María José' : 'Ana',
    apellido: `Núñez ${number}`,
    email: `persona.${number}@example.org`,
    isConected: number % 2 === 0,
  }
}

process.stdin.on('end', () => process.exit(0)).resume()
process.on('SIGTERM', () => process.exit(0))
http.listen(0, '127.0.0.1', () => console.log(JSON.stringify(http.address())))
