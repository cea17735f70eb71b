// Cases of Engine.IO. What each is about is what the suite of the Engine.IO protocol asks of a server.

import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'

const INTERVAL = 300
const TIMEOUT = 200
/** Timers are never exact. */
const MARGIN = 100
const LARGEST = 1_000_000

function handshakeIs(packet, upgrades) {
  assert.equal(packet[0], '0')
  const { sid, ...rest } = JSON.parse(packet.slice(1))
  assert.equal(typeof sid, 'string')
  assert.deepEqual(rest, { upgrades, pingInterval: INTERVAL, pingTimeout: TIMEOUT, maxPayload: LARGEST })
}

async function refused(...requests) {
  for (const response of await Promise.all(requests)) {
    assert.equal(response.status, 400)
  }
}

async function answered(request, body) {
  const response = await request
  assert.equal(response.status, 200)
  assert.equal(await response.text(), body)
}

/** Each of these WebSockets is closed, and nothing was said on it. */
async function turnedAway(...wires) {
  await Promise.all(wires.map((wire) => assert.rejects(wire.next(), /^Error: closed/)))
}

export const handshake = (place) => ({
  'polling: a session is opened': async () => {
    const response = await place.request({ transport: 'polling' })
    assert.equal(response.status, 200)
    const [packet, ...more] = place.frames.split(await response.text())
    assert.deepEqual(more, [])
    handshakeIs(packet, ['websocket'])
  },
  'polling: no version, or none that exists, is refused': () =>
    refused(
      place.request({ EIO: undefined, transport: 'polling' }),
      place.request({ EIO: 'abc', transport: 'polling' }),
    ),
  'polling: no transport, or none that exists, is refused': () =>
    refused(place.request({}), place.request({ transport: 'abc' })),
  'polling: a session is opened by GET alone': () =>
    refused(
      ...['POST', 'PUT'].map((method) => place.request({ transport: 'polling' }, { method })),
    ),
  'WebSocket: a session is opened': async () => {
    const wire = place.socket()
    handshakeIs(await wire.next(), [])
    wire.close()
  },
  'WebSocket: no version, or none that exists, is refused': () =>
    turnedAway(place.socket({ EIO: undefined }), place.socket({ EIO: 'abc' })),
  'WebSocket: no transport, or none that exists, is refused': () =>
    turnedAway(place.socket({ transport: undefined }), place.socket({ transport: 'abc' })),
})

/** What one polling session says comes back to it in the same body. */
async function echoed(place, ...packets) {
  const session = await place.session()
  await answered(session.push(...packets), 'ok')
  await answered(session.poll(), place.frames.join(packets))
}

/** Bytes in the body of a request. */
const BYTES = { 3: 'b4AQIDBA==', 4: 'bAQIDBA==' }
/** And in a frame: version 3 has the type before them. */
const FRAME = { 3: [4, 1, 2, 3, 4], 4: [1, 2, 3, 4] }

export const messages = (place) => ({
  'polling: a text goes there and back': () => echoed(place, '4hello'),
  'polling: several texts in one body': () => echoed(place, '4one', '4two', '4three'),
  'polling: text and bytes in one body': async () => {
    const session = await place.session()
    const packets = ['4hello', BYTES[place.eio]]
    await answered(session.push(...packets), 'ok')
    // Version 3 may answer with binary bodies; the text comes first in any case.
    if (place.eio === 4) {
      await answered(session.poll(), place.frames.join(packets))
    } else {
      const body = Buffer.from(await (await session.poll()).arrayBuffer())
      assert.ok(body.includes('4hello') && body.includes(Buffer.from([4, 1, 2, 3, 4])), body.toString('hex'))
    }
  },
  'polling: a packet that is none ends the session': async () => {
    const session = await place.session()
    // Whether this is answered, and how, is left to the server.
    await session.pushBody('abc').catch(() => {})
    await refused(session.poll())
  },
  'polling: two polls at once end the session': async () => {
    const session = await place.session()
    const first = session.poll()
    await sleep(5)
    const second = await session.poll(undefined, { t: 'second' })
    assert.ok([400, 500].includes(second.status), String(second.status))
    await answered(first, place.frames.join(['1']))
    await refused(session.poll())
  },
  ...(place.eio === 4 && {
    'polling: a poll that its client gives up ends the session': async () => {
      const session = await place.session()
      const giveUp = new AbortController()
      const poll = session.poll({ signal: giveUp.signal }).catch(() => {})
      await sleep(5)
      giveUp.abort()
      await poll
      await refused(session.poll())
    },
  }),
  'WebSocket: a text goes there and back': async () => {
    const wire = await place.open()
    wire.say('4hello')
    assert.equal(await wire.word(), '4hello')
    wire.close()
  },
  'WebSocket: bytes go there and back': async () => {
    const wire = await place.open()
    wire.say(FRAME[place.eio])
    assert.deepEqual(await wire.word(), FRAME[place.eio])
    wire.close()
  },
  'WebSocket: a packet that is none ends the session': async () => {
    const wire = await place.open()
    wire.say('abc')
    await wire.closed
  },
})

/** Three rounds of the heartbeat, which in version 3 is the client's and since then the server's. */
async function heartbeatByPolling(place) {
  const session = await place.session()
  for (let round = 0; round < 3; round += 1) {
    if (place.eio === 3) {
      await answered(session.push('2'), 'ok')
      // A server of Socket.IO connects the client unasked, and says so in the first round.
      assert.equal((await session.packets()).at(-1), '3')
    } else {
      assert.deepEqual(await session.packets(), ['2'])
      await answered(session.push('3'), 'ok')
    }
  }
}

async function heartbeatByWebSocket(place, unasked) {
  const wire = await place.open()
  for (let number = 0; number < unasked; number += 1) {
    await wire.next()
  }
  for (let round = 0; round < 3; round += 1) {
    if (place.eio === 3) {
      wire.say('2')
      assert.equal(await wire.next(), '3')
    } else {
      assert.equal(await wire.next(), '2')
      wire.say('3')
    }
  }
  wire.close()
}

/** `unasked`: how many packets follow the handshake before anybody asks, by which Socket.IO connects on version 3. */
export const heartbeat = (place, unasked = 0) => ({
  'polling: pings and pongs': () => heartbeatByPolling(place),
  'polling: who does not answer is gone in time': async () => {
    const session = await place.session()
    await sleep(INTERVAL + TIMEOUT + MARGIN)
    await refused(session.poll())
  },
  'WebSocket: pings and pongs': () => heartbeatByWebSocket(place, unasked),
  'WebSocket: who does not answer is gone in time': () => place.socket().closed,
})

export const close = (place, unasked = 0) => ({
  'polling: the client ends the session': async () => {
    const session = await place.session()
    const waiting = session.poll()
    await sleep(5)
    await session.push('1')
    const poll = await waiting
    assert.equal(poll.status, 200)
    const packets = place.frames.split(await poll.text())
    // Where something waited unasked, the poll had its answer already.
    assert.ok(unasked > 0 ? packets.length === unasked : packets.join() === '6', String(packets))
    await refused(session.poll())
  },
  'WebSocket: the client ends the session': async () => {
    const wire = await place.open()
    wire.say('1')
    await wire.closed
  },
})

/** A session that has gone over to WebSocket as far as the client is concerned. */
async function upgraded(session) {
  const wire = session.upgrade()
  await wire.opened
  wire.say('2probe')
  assert.equal(await wire.next(), '3probe')
  wire.say('5')
  return wire
}

/** `echo`: the server is a bare one that gives back texts. */
export const upgrade = (place, echo) => {
  const stillThere = async (wire) => {
    if (echo) {
      wire.say('4hello')
      const word = await wire.word()
      // Some servers send an empty packet over once more.
      assert.equal(word === '6' ? await wire.word() : word, '4hello')
    }
    wire.close()
  }
  return {
    'a session goes over from polling to WebSocket': async () => {
      const session = await place.session()
      const wire = session.upgrade()
      await wire.opened
      wire.say('2probe')
      assert.equal(await wire.next(), '3probe')
      if (echo) {
        assert.deepEqual(await session.packets(), ['6'], 'a poll is let go by an empty packet')
      }
      wire.say('5')
      await stillThere(wire)
    },
    'after that its polls are refused, and it lives on': async () => {
      const session = await place.session()
      const wire = await upgraded(session)
      // Nothing says when the server has read the last packet.
      await refused(sleep(5).then(() => session.poll()))
      await stillThere(wire)
    },
    'after that a second WebSocket is refused, and it lives on': async () => {
      const session = await place.session()
      const wire = await upgraded(session)
      await session.upgrade().closed
      await stillThere(wire)
    },
  }
}
