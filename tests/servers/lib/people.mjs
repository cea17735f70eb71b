// The user records, in memory. Every one carries `isConected`, spelled as the field spells it.

import { createHash, createHmac, randomBytes } from 'node:crypto'

const hash = (password) => createHash('sha256').update(String(password)).digest('hex')
const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

export class People {
  #records = []
  #secret = randomBytes(32)

  constructor(seed) {
    for (const user of seed) {
      // Whoever is there from the start has verified the address.
      this.add(user).emailVerified = true
    }
  }

  add({ firstName, lastName, email, password, from }) {
    const record = {
      _id: randomBytes(12).toString('hex'),
      firstName,
      lastName,
      email,
      password: [hash(password)],
      from: [from ?? 'seed'],
      uniqueString: randomBytes(15).toString('hex'),
      emailVerified: false,
      isConected: false,
    }
    this.#records.push(record)
    return record
  }

  byEmail(email) {
    return this.#records.find((record) => record.email === email)
  }

  byUniqueString(uniqueString) {
    return this.#records.find((record) => record.uniqueString === uniqueString)
  }

  knowsPassword(record, password) {
    return record.password.includes(hash(password))
  }

  connected() {
    return this.#records.filter((record) => record.isConected)
  }

  all() {
    return this.#records
  }

  /** As in the field: a JWT that carries the whole record, which is why a client must never show or log it. */
  tokenFor(record) {
    const body = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url(record)}`
    const signature = createHmac('sha256', this.#secret).update(body).digest('base64url')
    return `${body}.${signature}`
  }
}
