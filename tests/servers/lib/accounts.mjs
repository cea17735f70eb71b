// The four HTTP routes. They validate as little as the field's do: reading a field of a body that is not there, or
// of a user that is not there, throws inside an async handler, and Node ends the process.

import { Router } from 'express'
import { publicRecord } from './rows.mjs'

const refusal = (from, message) => ({ success: false, from, message })

export function accountRoutes({ room, options }, people) {
  const router = Router()

  router.post('/auth/signUp', async (request, response) => {
    const { firstName, lastName, email, password, from } = request.body.newUser
    if (people.byEmail(email)) {
      response.json(refusal(from, `${email} ya existe, por favor inicia sesión`))
      return
    }
    const record = people.add({ firstName, lastName, email, password, from })
    room.emit(options.newUserEvent, publicRecord(record, options))
    response.json({
      success: true,
      from,
      message: options.verifyEmail
        ? `Te enviamos un correo a ${email} para validar tu cuenta`
        : `${firstName}, tu cuenta se creó con éxito`,
    })
  })

  router.post('/auth/signIn', async (request, response) => {
    const { email, password, from } = request.body.logedUser
    const record = people.byEmail(email)
    if (!record) {
      response.json(refusal(from, 'Tu usuario no ha sido registrado, realiza signUp'))
      return
    }
    // The hole of the field: whoever says that they come from "signin" is believed.
    if (from !== 'signin' && !people.knowsPassword(record, password)) {
      response.json(refusal(from, 'El usuario o la contraseña no coinciden'))
      return
    }
    if (options.verifyEmail && !record.emailVerified) {
      response.json(refusal(from, 'No has verificado tu email, por favor revisa tu casilla de correo'))
      return
    }
    record.isConected = true
    const { firstName, lastName } = record
    response.json({
      success: true,
      from,
      response: { token: people.tokenFor(record), userData: { firstName, lastName, email } },
      message: `Bienvenido nuevamente ${firstName}`,
    })
  })

  router.post('/auth/signOut', async (request, response) => {
    const email = request.body.closeuser
    const record = people.byEmail(email)
    record.isConected = false
    if (options.emptySignOut) {
      response.end()
    } else {
      response.json(null)
    }
  })

  router.get('/verify/:uniqueString', async (request, response) => {
    const record = people.byUniqueString(request.params.uniqueString)
    if (!record) {
      response.json({ success: false, message: 'Su email no se ha podido verificar' })
      return
    }
    record.emailVerified = true
    response.redirect('/')
  })

  return router
}
