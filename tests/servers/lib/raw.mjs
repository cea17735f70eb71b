// Writing past the library: packets and bytes that no well-behaved server would send.

const PAUSE = 10

/** One Engine.IO payload as it is, e.g. `42["x"]`; over polling once a poll waits for an answer. */
export async function writeRaw(engine, text) {
  const { transport } = engine
  if (transport.name === 'websocket') {
    transport.socket.send(text)
    return
  }
  const writable = await within(2000, () => transport.writable && transport.res)
  if (!writable) {
    throw new Error('no poll waits for an answer')
  }
  transport.writable = false
  transport.write(text, { compress: false })
}

/** Bytes on the TCP connection of a WebSocket, between its frames. */
export function writeBytes(engine, base64) {
  engine.transport.socket._socket.write(Buffer.from(base64, 'base64'))
}

async function within(limit, condition) {
  for (let waited = 0; waited < limit; waited += PAUSE) {
    if (condition()) {
      return true
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE))
  }
  return false
}
