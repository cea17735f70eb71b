// Who is connected at a server where presence is the connection: a person once, for as long as a socket of theirs is
// there.

import { fullName } from './people.mjs'
import { pictureUrl } from './picture.mjs'

export class ActivePeople {
  #sockets = new Map()
  #tell
  #options

  /** @param {(users: object[]) => void} tell is called whenever a socket came or went */
  constructor(tell, options) {
    this.#tell = tell
    this.#options = options
  }

  enter(person, socket) {
    this.#sockets.set(person, (this.#sockets.get(person) ?? new Set()).add(socket))
    this.#tell(this.all())
  }

  exit(person, socket) {
    const sockets = this.#sockets.get(person)
    sockets?.delete(socket)
    if (sockets?.size === 0) {
      this.#sockets.delete(person)
    }
    this.#tell(this.all())
  }

  all() {
    return [...this.#sockets.keys()].map((person) => usuario(person, this.#options))
  }

  socketsOf(uid) {
    return [...this.#sockets].filter(([{ _id }]) => _id === uid).flatMap(([, sockets]) => [...sockets])
  }
}

/** A user as this dialect writes them down. */
export function usuario(person, options) {
  return {
    uid: person._id,
    nombre: fullName(person),
    correo: person.email,
    ...(options.pictures ? { img: pictureUrl(person.number) } : {}),
    rol: 'USER_ROLE',
    estado: true,
    google: false,
  }
}
