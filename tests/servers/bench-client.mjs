// The benchmark of socket.io-client: `bench-client.mjs CASE PORT COUNT [IDLE_MS]`, run with --expose-gc. It does what
// the clients written in Rust do (tests/bench/src/subject.rs), and tells the same figures in one line.

import { readFileSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { io } from 'socket.io-client'

const [name, port, ...numbers] = process.argv.slice(2)
const [count, idleMs = 0] = numbers.map(Number)
const WARM_UP = 10

/** Connects; by polling, until the upgrade to WebSocket is done, or straight by WebSocket. */
function connect(upgrade = false) {
  const transports = upgrade ? ['polling', 'websocket'] : ['websocket']
  const socket = io(`http://127.0.0.1:${port}`, { transports, forceNew: true })
  return new Promise((resolve, reject) => {
    const ready = () => {
      if (socket.connected && socket.io.engine.transport.name === 'websocket') {
        resolve(socket)
      }
    }
    socket.on('connect', () => {
      ready()
      socket.io.engine.on('upgrade', ready)
    })
    socket.on('connect_error', reject)
  })
}

/** Closes; resolves when the connection is gone. */
function close(socket) {
  const { engine } = socket.io
  const gone = new Promise((resolve) => engine.once('close', resolve))
  socket.disconnect()
  return gone
}

function receive(socket, count) {
  return new Promise((resolve, reject) => {
    let next = 0
    socket.on('tick', ({ number }) => {
      if (number !== next) {
        reject(new Error(`${number} came in place of ${next}`))
      }
      next += 1
      if (next === count) {
        socket.off('tick')
        resolve()
      }
    })
    socket.emit('burst', { count })
  })
}

function send(socket, count) {
  const counted = new Promise((resolve) => socket.once('counted', resolve))
  socket.emit('expect', { count })
  for (let number = 0; number < count; number += 1) {
    socket.emit('tick', { number })
  }
  return counted
}

async function list(socket, count) {
  const listed = new Promise((resolve) => socket.once('usuarios', resolve))
  socket.emit('list', { count })
  const rows = await listed
  const connected = rows.filter((row) => row.isConected).length
  if (connected !== Math.ceil(count / 2)) {
    throw new Error(`${connected} people are connected`)
  }
}

async function connects(upgrade) {
  for (let i = 0; i < Math.min(WARM_UP, count); i += 1) {
    await close(await connect(upgrade))
  }
  const meter = begin()
  let last
  for (let i = 0; i < count; i += 1) {
    last = close(await connect(upgrade))
  }
  meter.stopClock()
  await last
  return meter.end()
}

async function traffic(exchange) {
  const socket = await connect()
  await exchange(socket, Math.max(WARM_UP, Math.floor(count / 100)))
  const meter = begin()
  await exchange(socket, count)
  const figures = meter.end()
  await close(socket)
  return figures
}

async function idle() {
  const sockets = []
  for (let i = 0; i < WARM_UP; i += 1) {
    sockets.push(await connect())
  }
  await sleep(idleMs)
  // What is garbage is not to count.
  globalThis.gc()
  const meter = begin()
  for (let i = 0; i < count; i += 1) {
    sockets.push(await connect())
  }
  await sleep(idleMs)
  globalThis.gc()
  const figures = meter.end()
  await Promise.all(sockets.map(close))
  return figures
}

function begin() {
  const pssBefore = pss()
  const cpuBefore = process.cpuUsage()
  const began = performance.now()
  let ended
  return {
    stopClock: () => {
      ended = performance.now()
    },
    end: () => {
      const wall = (ended ?? performance.now()) - began
      const { user, system } = process.cpuUsage(cpuBefore)
      return { wall_us: wall * 1000, cpu_us: user + system, pss_kib: pss() - pssBefore }
    },
  }
}

function pss() {
  return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync('/proc/self/smaps_rollup', 'utf8'))[1])
}

const cases = {
  connect: () => connects(false),
  upgrade: () => connects(true),
  'burst-down': () => traffic(receive),
  'burst-up': () => traffic(send),
  list: () => traffic(list),
  idle,
}

console.log(JSON.stringify(await cases[name]()))
process.exit(0)
