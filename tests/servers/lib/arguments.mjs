// Arguments of events as lines can carry them: bytes are `{"$binary": base64}`, `{"$text": n}` is a text of n
// characters, and what is large is told by its length and a hash.

import { createHash } from 'node:crypto'
import { plain, revive } from './binary.mjs'

const LARGE = 4096
const PATTERN = '0123456789abcdef'

/** What is to be sent. */
export function toSend(args = []) {
  return args.map((arg) => (Number.isInteger(arg?.$text) ? text(arg.$text) : revive(arg)))
}

/** What came, as a line can tell it. */
export function toTell(args) {
  try {
    return tell(args)
  } catch (error) {
    // What is nested too deeply for this cannot be told; that it came can.
    return { unreadable: error.message }
  }
}

function tell(args) {
  const all = args.map(plain)
  const json = JSON.stringify(all)
  return json.length > LARGE
    ? { size: json.length, sha256: createHash('sha256').update(json).digest('hex') }
    : { args: all }
}

function text(length) {
  return PATTERN.repeat(Math.ceil(length / PATTERN.length)).slice(0, length)
}
