// The releases of socket.io-client that are in the field, and what is different about each.

/** @typedef {{io: Function, refusals: Function, everything: Function}} Release */

/** The package of a release: 2 (Engine.IO 3), 3 or 4. */
const PACKAGES = { 2: 'socket.io-client-2', 3: 'socket.io-client-3', 4: 'socket.io-client' }

/** @returns {Promise<Release>} */
export async function release(number) {
  const { io, default: main } = await import(PACKAGES[number])
  const ancient = number === '2'
  return {
    io: io ?? main,

    /** Calls `told(message)` when CONNECT, or a try to connect, fails. */
    refusals(socket, told) {
      socket.on('connect_error', (error) => told(words(error)))
      if (ancient) {
        // Here a refusal has an event of its own, and no more than what the server sent.
        socket.on('error', (error) => told(words(error)))
      }
    },

    /** Calls `heard(name, ...args)` for every event. */
    everything(socket, heard) {
      if (!ancient) {
        socket.onAny(heard)
        return
      }
      const { onevent } = socket
      socket.onevent = function (packet) {
        heard(...packet.data)
        onevent.call(this, packet)
      }
    },
  }
}

function words(error) {
  return typeof error === 'string' ? error : (error?.message ?? String(error))
}
