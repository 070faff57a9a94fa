/* What a QR code on the screen says, read from the squares that are drawn, as a phone's camera would. */
import { strict as assert } from 'node:assert'
import jsQR from 'jsqr'
import type { Locator } from 'playwright-core'

/** Readers want some pixels for each square. */
const SCALE = 4

/** picture: an SVG whose dark squares are one path, each as "M<x> <y>h1v1h-1z". */
export async function qrRead(picture: Locator): Promise<string> {
  const size = Number((await picture.getAttribute('viewBox'))!.split(' ')[2])
  const path = (await picture.locator('path').getAttribute('d'))!
  const side = size * SCALE
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255)
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g))
    for (let row = 0; row < SCALE; row++) {
      const from = ((Number(y) * SCALE + row) * side + Number(x) * SCALE) * 4
      for (let i = 0; i < SCALE; i++) pixels.fill(0, from + i * 4, from + i * 4 + 3)
    }
  const read = jsQR(pixels, side, side)
  assert.ok(read, 'no QR code can be read')
  return read.data
}
