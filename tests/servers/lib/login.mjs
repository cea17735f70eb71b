// The HTTP routes of the `usuarios-activos` dialect. A refusal is HTTP 400 or 401 with `{"msg"}`, an incomplete body
// 400 with `{"errors":[{"msg", …}]}`.

import { Router } from 'express'
import { usuario } from './active.mjs'

const FIELDS = [
  ['correo', 'El correo es obligatorio', (value) => /^\S+@\S+$/.test(value ?? '')],
  ['password', 'La contraseña es obligatoria', (value) => Boolean(value)],
]

// Of a token, in seconds.
const LIFETIME = 4 * 60 * 60

export function loginRoutes({ people, tokens, options }) {
  const router = Router()
  const welcome = (response, record) => {
    const iat = Math.floor(Date.now() / 1000)
    const token = tokens.sign({ uid: record._id, iat, exp: iat + LIFETIME })
    response.json({ usuario: usuario(record, options), token })
  }

  router.post('/login', (request, response) => {
    const errors = FIELDS.filter(([param, , isGood]) => !isGood(request.body[param])).map(([param, msg]) => ({
      msg,
      param,
      location: 'body',
    }))
    if (errors.length > 0) {
      response.status(400).json({ errors })
      return
    }
    const { correo, password } = request.body
    const record = people.byEmail(correo)
    if (!record || !people.knowsPassword(record, password)) {
      const what = record ? 'password' : 'correo'
      response.status(400).json({ msg: `Usuario / Password no son correctos - ${what}` })
      return
    }
    welcome(response, record)
  })

  // Renews the token.
  router.get('/', (request, response) => {
    const token = request.get('x-token')
    const record = people.byId(tokens.read(token)?.uid)
    if (!record) {
      response.status(401).json({ msg: token ? 'Token no válido' : 'No hay token en la petición' })
      return
    }
    welcome(response, record)
  })

  return router
}
