// @ts-check
// The icon, drawn: a door with its knob on green.  PNG, as phones ask for it (W3C PNG, section 5).
import { crc32, deflateSync } from 'node:zlib'

const GREEN = [11, 95, 75, 255]
const WHITE = [255, 255, 255, 255]

/** The colour at a place of the unit square. @param {number} x @param {number} y */
function colour(x, y) {
  const inFrame = x > 0.3 && x < 0.7 && y > 0.18 && y < 0.82
  const inDoor = x > 0.35 && x < 0.65 && y > 0.23 && y < 0.82
  const onKnob = (x - 0.59) ** 2 + (y - 0.54) ** 2 < 0.028 ** 2
  return (inFrame && !inDoor) || onKnob ? WHITE : GREEN
}

/** @param {string} name @param {Buffer} data */
function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}

/** A square PNG. @param {number} size in pixels */
export function icon(size) {
  const rows = Buffer.alloc(size * (size * 4 + 1))
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      rows.set(colour((x + 0.5) / size, (y + 0.5) / size), y * (size * 4 + 1) + 1 + x * 4)
  const head = Buffer.alloc(13)
  head.writeUInt32BE(size, 0)
  head.writeUInt32BE(size, 4)
  head.set([8, 6, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}
