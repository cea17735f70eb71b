// What the server heard, for tests to look at. Passwords are kept as their length only.

import { plain } from './binary.mjs'

export class Journal {
  #requests = []
  #events = []

  /** Middleware that writes every request down, before a route may end the process over it. */
  requests() {
    return (request, _response, next) => {
      const { method, path, body } = request
      this.#requests.push({ at: Date.now(), method, path, body: withoutPasswords(body) })
      next()
    }
  }

  socket(socket) {
    const note = (name, args = []) => this.#events.push({ at: Date.now(), socket: socket.id, name, args })
    const { handshake, conn } = socket
    // Which ways of showing a token were used, never the token.
    const withToken = {
      transport: conn.transport.name,
      auth: Object.keys(handshake.auth ?? {}),
      headers: ['authorization', 'x-token'].filter((name) => handshake.headers[name]),
      query: Object.keys(handshake.query).filter((name) => name === 'token'),
    }
    note('connect', [withToken])
    conn.once('upgrade', (transport) => note('upgrade', [transport.name]))
    socket.onAny((name, ...args) => note(name, args.filter((arg) => typeof arg !== 'function').map(plain)))
    socket.on('disconnect', (reason) => note('disconnect', [reason]))
  }

  report() {
    return { requests: this.#requests, events: this.#events }
  }
}

function withoutPasswords(value) {
  if (Array.isArray(value)) {
    return value.map(withoutPasswords)
  }
  if (value === null || typeof value !== 'object') {
    return value
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === 'password' ? String(inner).length : withoutPasswords(inner),
    ]),
  )
}
