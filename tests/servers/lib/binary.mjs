// Binary in JSON: bytes are written `{"$binary": base64}`.

/** What came off the wire, with every Buffer (at any depth) as JSON can hold it. */
export function plain(value) {
  if (Buffer.isBuffer(value)) {
    return { $binary: value.toString('base64') }
  }
  if (Array.isArray(value)) {
    return value.map(plain)
  }
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
  }
  return value
}

/** The way back. */
export function revive(value) {
  if (Array.isArray(value)) {
    return value.map(revive)
  }
  if (value === null || typeof value !== 'object') {
    return value
  }
  if (typeof value.$binary === 'string') {
    return Buffer.from(value.$binary, 'base64')
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revive(inner)]))
}
