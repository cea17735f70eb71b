// The user records, in memory. Every one carries `isConected`, spelled as the field spells it.

import { createHash, randomBytes } from 'node:crypto'
import { Tokens } from './tokens.mjs'

const hash = (password) => createHash('sha256').update(String(password)).digest('hex')

export class People {
  #records = []
  #tokens = new Tokens()

  constructor(seed) {
    for (const user of seed) {
      // Whoever is there from the start has verified the address.
      this.add(user).emailVerified = true
    }
  }

  add({ firstName, lastName, email, password, from }) {
    const record = {
      _id: randomBytes(12).toString('hex'),
      // For servers whose ids are numbers.
      number: this.#records.length + 1,
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

  /** For what tests ask for. */
  known(email) {
    const record = this.byEmail(email)
    if (!record) {
      throw new Error(`there is no ${email}`)
    }
    return record
  }

  byId(id) {
    return this.#records.find((record) => record._id === id)
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
    return this.#tokens.sign(record)
  }

  byToken(token) {
    return this.byId(this.#tokens.read(token)?._id)
  }

  expireTokens() {
    this.#tokens.expireAll()
  }
}

/** The whole name, or what there is of it. */
export function fullName({ firstName, lastName }) {
  return [firstName, lastName].filter(Boolean).join(' ')
}
