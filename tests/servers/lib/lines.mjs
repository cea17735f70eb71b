// Processes that are driven by JSON lines: one object a line on standard input (`do` says what), one object a line on
// standard output (`kind` says what, `ms` when, since the start).

import process from 'node:process'
import { createInterface } from 'node:readline'

const started = performance.now()
// Kept, because a process may make its own timers run faster.
const now = performance.now.bind(performance)

export function say(kind, more = {}) {
  process.stdout.write(`${JSON.stringify({ kind, ms: Math.round(now() - started), ...more })}\n`)
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

/** The first line: what this process is to be like. */
export async function readOptions() {
  const { value } = await lines.next()
  return JSON.parse(value)
}

/** Every further line is a command. When nobody gives orders any more, the process ends. */
export async function obey(commands) {
  for await (const line of lines) {
    const { do: name, ...rest } = JSON.parse(line)
    try {
      await commands[name](rest)
    } catch (error) {
      say('failed', { message: `${name}: ${error.message}` })
    }
  }
  process.exit(0)
}
