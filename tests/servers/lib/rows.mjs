// How a server of the reference dialect writes its people down: the spellings and oddities that are seen in the field.

import { pictureOf } from './picture.mjs'
import { fullName } from './people.mjs'

/** The spellings of the list. */
export const SHAPES = {
  nested: (users) => ({ response: { user: users } }),
  'response-array': (users) => ({ response: users }),
  'user-array': (users) => ({ user: users }),
  array: (users) => users,
  names: (users) => users.map(fullName),
}

/** What the others may know of a user. */
export function publicRecord(record, options) {
  const { _id, number, firstName, lastName, email, isConected } = record
  return {
    _id: options.numericIds ? number : _id,
    firstName,
    ...(options.sparseRows ? {} : { lastName, email }),
    isConected,
    ...(options.pictures ? { picture: pictureOf(number) } : {}),
  }
}

/** The list as it goes round. */
export function list(people, options) {
  const rows = (options.offlineRows ? people.all() : people.connected()).map((user) => publicRecord(user, options))
  return SHAPES[options.shape](options.firstTwice ? [...rows.slice(0, 1), ...rows] : rows)
}
