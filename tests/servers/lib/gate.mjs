// Who may have a socket: where a token is looked for, and how one is refused that shows no good one.

/** The places where the field's servers look. */
export const PLACES = {
  none: () => undefined,
  auth: ({ auth }) => auth?.token,
  'x-token': ({ headers }) => headers['x-token'],
  authorization: ({ headers }) => /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1],
  query: ({ query }) => query.token,
}

/**
 * Calls `welcome(socket, person)` for every socket that is let in.
 *
 * @param {object} site of lib/site.mjs
 * @param {(token: string | undefined) => unknown} personOf whose token that is; nothing when it is not good
 * @param {(socket: object, person: unknown) => void} welcome `person` may be nothing where no token is demanded
 */
export function admit({ room, journal, options }, personOf, welcome) {
  const open = options.token === 'none'
  const person = ({ handshake }) => personOf(open ? anyToken(handshake) : PLACES[options.token](handshake))

  if (!open && options.refuse === 'error') {
    room.use((socket, next) => {
      if (person(socket)) {
        next()
      } else {
        journal.refused(socket)
        next(new Error('Token no válido'))
      }
    })
  }
  room.on('connection', (socket) => {
    const who = person(socket)
    if (!who && !open) {
      journal.refused(socket)
      socket.disconnect()
      return
    }
    journal.socket(socket)
    welcome(socket, who)
  })
}

/** For servers without accounts: the tokens that their operator has handed out. */
export function handedOut({ token, acceptTokens }) {
  if (token !== 'none' && acceptTokens.length === 0) {
    throw new Error('without a sign-in, --token needs --accept-token')
  }
  return (shown) => acceptTokens.find((good) => good === shown)
}

function anyToken(handshake) {
  return Object.values(PLACES)
    .map((place) => place(handshake))
    .find((token) => token !== undefined)
}
