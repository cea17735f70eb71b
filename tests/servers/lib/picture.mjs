// Small pictures that are really pictures: PNGs of 8 by 8 pixels in one colour.

import { deflateSync } from 'node:zlib'

const SIZE = 8
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const TRUE_COLOUR = 2
const BITS = 8

/** A picture for the user with this number; neighbours get different colours. */
export function pictureOf(number) {
  const colour = [(number * 97) % 256, (number * 57) % 256, (number * 157) % 256]
  const row = [0, ...Array.from({ length: SIZE }, () => colour).flat()]
  const pixels = Buffer.from(Array.from({ length: SIZE }, () => row).flat())
  const header = Buffer.alloc(13)
  header.writeUInt32BE(SIZE, 0)
  header.writeUInt32BE(SIZE, 4)
  header.set([BITS, TRUE_COLOUR], 8)
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', deflateSync(pixels)), chunk('IEND')])
}

/** The same as a `data:` URL. */
export function pictureUrl(number) {
  return `data:image/png;base64,${pictureOf(number).toString('base64')}`
}

function chunk(type, data = Buffer.alloc(0)) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}

/** The checksum of a chunk; `node:zlib` has it only since Node 20. */
function crc32(bytes) {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit += 1) {
      sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0)
    }
  }
  return (sum ^ 0xffffffff) >>> 0
}
