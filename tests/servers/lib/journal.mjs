// What the server heard, for tests to look at. Of passwords and tokens only the length, or where they were shown.

import { plain } from './binary.mjs'

const SECRETS = new Set(['password', 'pass', 'token', 'session'])
const TOKEN_HEADERS = ['authorization', 'x-token']

export class Journal {
  #requests = []
  #events = []
  #handshakes = []

  /** Middleware that writes every request down, before a route may end the process over it. */
  requests() {
    return (request, _response, next) => {
      const { method, path, body, headers, query } = request
      const shown = [...headersWithToken(headers), ...queryWithToken(query)]
      this.#requests.push({ at: Date.now(), method, path, body: withoutSecrets(body), shown })
      next()
    }
  }

  /** A connection of the transport's, before anything is said on it. */
  handshake(transport) {
    this.#handshakes.push(transport)
  }

  socket(socket) {
    const note = (name, args) => this.#note(socket, name, args)
    note('connect', [waysOfShowing(socket)])
    socket.conn.once('upgrade', (transport) => note('upgrade', [transport.name]))
    socket.onAny((name, ...args) => note(name, args.filter((arg) => typeof arg !== 'function').map(plain)))
    socket.on('disconnect', (reason) => note('disconnect', [reason]))
  }

  /** A socket that was not let in. */
  refused(socket) {
    this.#note(socket, 'refused', [waysOfShowing(socket)])
  }

  report() {
    return { requests: this.#requests, events: this.#events, handshakes: this.#handshakes }
  }

  #note(socket, name, args = []) {
    this.#events.push({ at: Date.now(), socket: socket.id, name, args: withoutSecrets(args) })
  }
}

/** By which transport it came and in which places it showed a token, never the token. */
function waysOfShowing({ conn, handshake }) {
  return {
    transport: conn.transport.name,
    auth: Object.keys(handshake.auth ?? {}),
    headers: headersWithToken(handshake.headers),
    query: queryWithToken(handshake.query),
  }
}

const headersWithToken = (headers) => TOKEN_HEADERS.filter((name) => headers[name])
const queryWithToken = (query) => Object.keys(query).filter((name) => name === 'token')

function withoutSecrets(value) {
  if (Array.isArray(value)) {
    return value.map(withoutSecrets)
  }
  if (value === null || typeof value !== 'object') {
    return value
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      SECRETS.has(key) ? String(inner).length : withoutSecrets(inner),
    ]),
  )
}
