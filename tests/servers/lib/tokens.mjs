// JWT-like tokens: a header, a payload that anybody can read, and a signature.

import { createHmac, randomBytes } from 'node:crypto'

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

export class Tokens {
  #secret = randomBytes(32)

  sign(payload) {
    const body = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url(payload)}`
    return `${body}.${this.#signature(body)}`
  }

  /** The payload; nothing when the token is not one of ours. */
  read(token) {
    const [header, payload, signature] = String(token ?? '').split('.')
    if (signature === undefined || signature !== this.#signature(`${header}.${payload}`)) {
      return undefined
    }
    return JSON.parse(Buffer.from(payload, 'base64url').toString())
  }

  /** No token that was given out so far is good any more. */
  expireAll() {
    this.#secret = randomBytes(32)
  }

  #signature(body) {
    return createHmac('sha256', this.#secret).update(body).digest('base64url')
  }
}
