// How a client of each dialect signs in, shows its token, asks for the list and says something.

const answered = async (response) => ({ status: response.status, body: textAsJson(await response.text()) })
const textAsJson = (text) => (text === '' ? null : JSON.parse(text))

async function post(url, route, body) {
  const headers = { 'content-type': 'application/json' }
  return answered(await fetch(new URL(route, url), { method: 'POST', headers, body: JSON.stringify(body) }))
}

/**
 * @typedef {object} Speech
 * @property {string} place where this client shows its token unless told
 * @property {Function} [signIn] gives `{token, userData}` or `{refused: message}`; missing where nobody signs in
 * @property {Function} [signOut]
 * @property {Function} [renew] gives what `signIn` gives
 * @property {string} [arrive] is said on every connect
 * @property {string} [ask] asks for the list
 * @property {(text: string, userData: object) => [string, ...unknown[]]} say to all
 * @property {(uid: string, text: string) => [string, ...unknown[]]} [tell] to one
 * @property {(old: string, name: string) => [string, ...unknown[]]} [rename]
 */

/** @type {Record<string, (options: {url, email, password, event}) => Speech>} */
export const SPEECHES = {
  reference: ({ url, email, password, event }) => ({
    place: 'none',
    signIn: async () => {
      const { body } = await post(url, '/api/auth/signIn', { logedUser: { email, password, from: 'signup' } })
      return body?.success
        ? { token: body.response.token, userData: body.response.userData }
        : { refused: body?.message ?? null }
    },
    signOut: () => post(url, '/api/auth/signOut', { closeuser: email }),
    ask: event,
    // The server does not know whose socket this is.
    say: (mensaje, { firstName, lastName }) => {
      return ['enviar-mensaje', { mensaje, emisor: [firstName, lastName].filter(Boolean).join(' ') }]
    },
  }),

  'usuarios-activos': ({ url, email, password }) => {
    const account = ({ status, body }) =>
      status === 200
        ? { token: body.token, userData: body.usuario }
        : { refused: body.msg ?? body.errors?.[0]?.msg ?? null }
    return {
      place: 'x-token',
      signIn: async () => account(await post(url, '/api/auth/login', { correo: email, password })),
      renew: async (token) =>
        account(await answered(await fetch(new URL('/api/auth/', url), { headers: { 'x-token': token } }))),
      say: (mensaje) => ['enviar-mensaje', { mensaje }],
      tell: (uid, mensaje) => ['enviar-mensaje', { mensaje, uid }],
    }
  },

  nickname: () => ({
    place: 'none',
    say: (mensaje) => ['enviar-mensaje', { mensaje }],
    rename: (oldNickname, newNickname) => ['updateNickname', { oldNickname, newNickname }],
  }),

  invented: () => ({
    place: 'none',
    say: (text) => ['chat', text],
    rename: (_old, display) => ['call.me', { display }],
  }),

  friendly: ({ url, email, password }) => ({
    place: 'session',
    signIn: async () => {
      const { body } = await post(url, '/login', { user: email, pass: password })
      return body.ok ? { token: body.data.session, userData: body.data.profile } : { refused: body.why }
    },
    arrive: 'i-am-here',
    ask: 'who',
    say: (what) => ['say', { what }],
  }),
}

/** Where a token is shown, as options of `socket.io-client`; `token` is a function, so that a fresh one is shown. */
export const SHOWING = {
  none: () => ({}),
  auth: (token) => ({ auth: (give) => give({ token: token() }) }),
  session: (token) => ({ auth: (give) => give({ session: token() }) }),
  'x-token': (token) => ({ extraHeaders: header('x-token', token) }),
  authorization: (token) => ({ extraHeaders: header('authorization', () => `Bearer ${token()}`) }),
  query: (token) => ({ query: header('token', token) }),
}

/** One entry whose value is the one of the moment at which it is read. */
function header(name, value) {
  return Object.defineProperty({}, name, { enumerable: true, get: value })
}
