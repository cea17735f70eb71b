// The server that `cargo xtask bench server` compares with: the reference dialect as servers of the field speak it, on
// Express 4 and Socket.IO 4 with their defaults, users in memory, and nothing that only tests ask for.
//
//   node --expose-gc bench-reference.mjs people.json     [{"email","password","firstName","lastName"}, …]
//
// Its first line is `listening on http://127.0.0.1:PORT`. A line `collect` on standard input makes it collect its
// garbage and say `collected`. It ends when its standard input does.

import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import process from 'node:process'
import { createInterface } from 'node:readline'
import express from 'express'
import { Server } from 'socket.io'

const hash = (password) => createHash('sha256').update(password).digest('hex')

const people = new Map()
for (const { email, password, firstName, lastName } of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  const _id = randomBytes(12).toString('hex')
  people.set(email, { _id, email, password: hash(password), firstName, lastName, isConected: false })
}

const app = express()
app.use(express.json())

app.post('/api/auth/signIn', (request, response) => {
  const { email, password, from } = request.body.logedUser
  const record = people.get(email)
  if (record?.password !== hash(password)) {
    response.json({ success: false, from, message: 'El usuario o la contraseña no coinciden' })
    return
  }
  record.isConected = true
  const { firstName, lastName } = record
  const token = randomBytes(32).toString('hex')
  const userData = { firstName, lastName, email }
  response.json({ success: true, from, response: { token, userData }, message: `Bienvenido ${firstName}` })
})

app.post('/api/auth/signOut', (request, response) => {
  people.get(request.body.closeuser).isConected = false
  response.json(null)
})

const http = createServer(app)
const io = new Server(http)

function list() {
  const user = [...people.values()]
    .filter(({ isConected }) => isConected)
    .map(({ _id, firstName, lastName, email, isConected }) => ({ _id, firstName, lastName, email, isConected }))
  return { response: { user } }
}

io.on('connection', (socket) => {
  socket.emit('saludo', { emisor: 'Servidor', mensaje: 'Bienvenido al servidor' })
  socket.on('user list', () => {
    socket.emit('usersConected', list())
    socket.broadcast.emit('usersConected', list())
  })
})

createInterface({ input: process.stdin })
  .on('line', (line) => {
    if (line === 'collect') {
      globalThis.gc()
      console.log('collected')
    }
  })
  .on('close', () => process.exit(0))
http.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${http.address().port}`))
