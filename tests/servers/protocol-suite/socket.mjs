// Cases of Socket.IO. What each is about is what the suite of the Socket.IO protocol asks of a server: one whose
// namespaces `/` and `/custom` tell the payload of CONNECT as `auth`, and give back what comes as `message` and
// `message-with-ack`.

import assert from 'node:assert/strict'

const HOLE = (num) => ({ _placeholder: true, num })
/** Two attachments; version 3 of Engine.IO has a type before each. */
const BYTES = { 3: [[4, 1, 2, 3], [4, 4, 5, 6]], 4: [[1, 2, 3], [4, 5, 6]] }

/** A WebSocket session that is in the main namespace, with all read that says so. */
async function member(place) {
  const wire = await place.open()
  if (place.eio === 4) {
    wire.say('40')
  }
  await wire.word()
  await wire.word()
  return wire
}

/** Connects to `namespace` and looks at both packets that the server says then. */
async function connects(place, namespace, payload) {
  const wire = place.eio === 4 ? await place.open() : await member(place)
  const prefix = namespace === '/' ? '' : `${namespace},`
  wire.say(`40${prefix}${payload ? JSON.stringify(payload) : ''}`)
  const answer = await wire.word()
  if (place.eio === 4) {
    assert.ok(answer.startsWith(`40${prefix}{`), answer)
    const { sid, ...more } = JSON.parse(answer.slice(2 + prefix.length))
    assert.equal(typeof sid, 'string')
    assert.deepEqual(more, {})
    assert.equal(await wire.word(), `42${prefix}${JSON.stringify(['auth', payload ?? {}])}`)
  } else {
    assert.ok(answer.startsWith(`40${namespace}`), answer)
  }
  wire.close()
}

export const connect = (place) => ({
  ...(place.eio === 4
    ? {
        'the main namespace': () => connects(place, '/'),
        'the main namespace, with a payload': () => connects(place, '/', { token: '123' }),
        'another namespace': () => connects(place, '/custom'),
        'another namespace, with a payload': () => connects(place, '/custom', { token: 'abc' }),
      }
    : {
        'the main namespace is connected unasked': async () => {
          const wire = await member(place)
          wire.say('42["message","hello"]')
          assert.equal(await wire.word(), '42["message-back","hello"]')
          wire.close()
        },
        'another namespace': () => connects(place, '/custom'),
      }),
  'a namespace that does not exist is refused': async () => {
    const wire = place.eio === 4 ? await place.open() : await member(place)
    wire.say('40/random')
    assert.equal(await wire.word(), '44/random,{"message":"Invalid namespace"}')
    wire.close()
  },
  'what is no packet in place of CONNECT ends the session': async () => {
    const wire = place.eio === 4 ? await place.open() : await member(place)
    wire.say('4abc')
    await wire.closed
  },
  ...(place.eio === 4 && {
    'who never connects is gone': () => place.socket().closed,
  }),
})

export const disconnect = (place) => ({
  'the main namespace is left': async () => {
    const wire = await member(place)
    wire.say('41')
    if (place.eio === 4) {
      assert.equal(await wire.next(), '2', 'the session itself goes on')
      wire.close()
    } else {
      await wire.closed
    }
  },
  'another namespace is left, and the main one goes on': async () => {
    const wire = await member(place)
    wire.say('40/custom')
    await wire.word()
    await wire.word()
    wire.say('41/custom', '42["message","to the main namespace"]')
    assert.equal(await wire.word(), '42["message-back","to the main namespace"]')
    wire.close()
  },
})

/** Says `messages` in the main namespace, and looks for these answers. */
async function exchange(place, messages, answers) {
  const wire = await member(place)
  wire.say(...messages)
  for (const answer of answers) {
    assert.deepEqual(await wire.word(), answer)
  }
  wire.close()
}

/** Ends the session by saying `message` in the main namespace. */
async function ends(place, message) {
  const wire = await member(place)
  wire.say(message)
  await wire.closed
}

/** A polling session that is in the main namespace; `more` are parameters of its requests. */
async function memberByPolling(place, more) {
  const session = await place.session(more)
  if (place.eio === 4) {
    await session.push('40')
  }
  await words(session, 2)
  return session
}

/** So many packets of a polling session that are no heartbeat. */
async function words(session, count) {
  const heard = []
  while (heard.length < count) {
    heard.push(...(await session.packets()).filter((packet) => packet !== '2'))
  }
  return heard
}

/** Not in the published suites: attachments by polling, which version 3 has two bodies for. */
export const pollingBytes = (place) => {
  const base64 = place.eio === 3 ? 'b4AQID' : 'bAQID'
  const event = (name) => `451-${JSON.stringify([name, HOLE(0)])}`
  return {
    'by polling, an event with an attachment': async () => {
      const session = await memberByPolling(place, { b64: 1 })
      await session.push(event('message'), base64)
      assert.deepEqual(await words(session, 2), [event('message-back'), base64])
    },
    ...(place.eio === 3 && {
      'by polling, an event with an attachment, in a body of bytes': async () => {
        const session = await memberByPolling(place, {})
        await session.push(event('message'), base64)
        const body = Buffer.from(await (await session.poll()).arrayBuffer())
        const asBytes = [1, 4, 255, 4, 1, 2, 3]
        const asText = [0, 6, 255, ...Buffer.from(base64)]
        assert.ok([asBytes, asText].some((packet) => body.includes(Buffer.from(packet))), body.toString('hex'))
      },
    }),
  }
}

export const messages = (place) => {
  const bytes = BYTES[place.eio]
  const holes = [HOLE(0), HOLE(1)]
  const packet = (type, ...parts) => `${type}${JSON.stringify(parts)}`
  return {
    'an event with texts and objects': () =>
      exchange(
        place,
        [packet('42', 'message', 1, '2', { 3: [true] })],
        [packet('42', 'message-back', 1, '2', { 3: [true] })],
      ),
    'an event with two attachments': () =>
      exchange(
        place,
        [packet('452-', 'message', ...holes), ...bytes],
        [packet('452-', 'message-back', ...holes), ...bytes],
      ),
    'an event that is acknowledged': () =>
      exchange(
        place,
        [packet('42456', 'message-with-ack', 1, '2', { 3: [false] })],
        [packet('43456', 1, '2', { 3: [false] })],
      ),
    'an event with two attachments that is acknowledged with them': () =>
      exchange(
        place,
        [packet('452-789', 'message-with-ack', ...holes), ...bytes],
        [packet('462-789', ...holes), ...bytes],
      ),
    'a type that does not exist ends the session': () => ends(place, '4abc'),
    'an event that is no array ends the session': () => ends(place, '42{}'),
    'a number of an acknowledgement that is none ends the session': () =>
      ends(place, '42abc["message-with-ack",1,"2",{"3":[false]}]'),
  }
}
