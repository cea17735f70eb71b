// The two transports of Engine.IO, byte by byte: what a case says is on the wire as it is written there.

import WebSocket from 'ws'

/** How packets are put together into the body of a request; `eio` is the version of Engine.IO. */
const FRAMES = {
  3: {
    join: (packets) => packets.map((packet) => `${[...packet].length}:${packet}`).join(''),
    split(body) {
      const packets = []
      for (let rest = [...body]; rest.length > 0; ) {
        const colon = rest.indexOf(':')
        const end = colon + 1 + Number(rest.slice(0, colon).join(''))
        packets.push(rest.slice(colon + 1, end).join(''))
        rest = rest.slice(end)
      }
      return packets
    },
  },
  4: {
    join: (packets) => packets.join('\x1e'),
    split: (body) => (body === '' ? [] : body.split('\x1e')),
  },
}

/** A server of Engine.IO at a path, spoken with in one version of it. */
export class Place {
  /** `calm`: this server says its first ping at once; it is answered before a case begins. */
  constructor({ url, path, eio, calm = false }) {
    this.eio = eio
    this.calm = calm
    this.base = new URL(path, url)
    this.frames = FRAMES[eio]
  }

  /** The address with these parameters; without one that is `undefined`. */
  address(parameters) {
    const address = new URL(this.base)
    for (const [key, value] of Object.entries({ EIO: this.eio, ...parameters })) {
      if (value !== undefined) {
        address.searchParams.set(key, value)
      }
    }
    return address
  }

  request(parameters, options) {
    return fetch(this.address(parameters), options)
  }

  /** A WebSocket; its first word has not been read. */
  socket(parameters = {}) {
    const address = this.address({ transport: 'websocket', ...parameters })
    address.protocol = 'ws:'
    return new Wire(address)
  }

  /** A WebSocket session whose handshake was read. */
  async open() {
    const wire = this.socket()
    await wire.next()
    if (this.calm) {
      await wire.next()
      wire.say('3')
    }
    return wire
  }

  /** A polling session, each of whose requests has these parameters as well. */
  async session(more = {}) {
    const response = await this.request({ transport: 'polling', ...more })
    const [open] = this.frames.split(await response.text())
    const session = new Session(this, JSON.parse(open.slice(1)).sid, more)
    if (this.calm) {
      await session.packets()
      await session.push('3')
    }
    return session
  }
}

/** A session by HTTP. */
class Session {
  constructor(place, sid, more) {
    this.place = place
    this.sid = sid
    this.more = more
  }

  poll(options, more = {}) {
    return this.place.request({ transport: 'polling', sid: this.sid, ...this.more, ...more }, options)
  }

  /** The packets of one poll, which must be answered. */
  async packets() {
    const response = await this.poll()
    if (response.status !== 200) {
      throw new Error(`a poll was answered with ${response.status}`)
    }
    return this.place.frames.split(await response.text())
  }

  push(...packets) {
    return this.pushBody(this.place.frames.join(packets))
  }

  pushBody(body) {
    return this.poll({ method: 'POST', body })
  }

  /** A WebSocket of the same session. */
  upgrade() {
    return this.place.socket({ sid: this.sid })
  }
}

/** A WebSocket that keeps what it hears until somebody asks for it. */
export class Wire {
  #heard = []
  #asking = []

  constructor(address) {
    this.socket = new WebSocket(address)
    this.opened = new Promise((resolve) => this.socket.once('open', resolve))
    this.closed = new Promise((resolve) => this.socket.once('close', resolve))
    // What is wrong shows in the close that follows.
    this.socket.on('error', () => {})
    this.socket.on('message', (data, binary) => {
      const message = binary ? [...data] : data.toString()
      const first = this.#asking.shift()
      first ? first(message) : this.#heard.push(message)
    })
  }

  say(...messages) {
    for (const message of messages) {
      this.socket.send(typeof message === 'string' ? message : Uint8Array.from(message))
    }
  }

  /** The next message: text, or an array of bytes. */
  next() {
    if (this.#heard.length > 0) {
      return Promise.resolve(this.#heard.shift())
    }
    return Promise.race([
      new Promise((resolve) => this.#asking.push(resolve)),
      this.closed.then((code) => Promise.reject(new Error(`closed (${code}) in place of a message`))),
    ])
  }

  /** The next message that is no ping of the server's; a ping is answered. */
  async word() {
    for (;;) {
      const message = await this.next()
      if (message !== '2') {
        return message
      }
      this.say('3')
    }
  }

  close() {
    this.socket.terminate()
  }
}
