// Open to every origin, as the field's servers are.

export function openCors(request, response, next) {
  response.set('Access-Control-Allow-Origin', '*')
  if (request.method === 'OPTIONS') {
    response.set('Access-Control-Allow-Methods', 'GET,POST')
    response.set('Access-Control-Allow-Headers', 'content-type,authorization,x-token')
    response.status(204).end()
    return
  }
  next()
}
