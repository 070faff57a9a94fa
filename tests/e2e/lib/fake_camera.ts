/* A camera that sees a QR code: a film of one picture for chromium's fake video capture (YUV4MPEG2). */
import { writeFileSync } from 'node:fs'
import { encode } from 'uqr'

const WIDTH = 640
const HEIGHT = 480
const MODULE_PIXELS = 8
const DARK = 16
const LIGHT = 235
const NEUTRAL = 128

/** The code in the middle, on white; chromium shows the film again and again. */
export function filmOfCode(file: string, text: string): void {
  const { data, size } = encode(text, { ecc: 'M', border: 0 })
  const luma = Buffer.alloc(WIDTH * HEIGHT, LIGHT)
  const left = Math.floor((WIDTH - size * MODULE_PIXELS) / 2)
  const top = Math.floor((HEIGHT - size * MODULE_PIXELS) / 2)
  data.forEach((row, y) =>
    row.forEach((dark, x) => {
      if (!dark) return
      for (let line = 0; line < MODULE_PIXELS; line++) {
        const at = (top + y * MODULE_PIXELS + line) * WIDTH + left + x * MODULE_PIXELS
        luma.fill(DARK, at, at + MODULE_PIXELS)
      }
    }),
  )
  const colour = Buffer.alloc((WIDTH * HEIGHT) / 2, NEUTRAL)
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, colour])
  writeFileSync(file, Buffer.concat([Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`), frame, frame]))
}

export const cameraArgs = (film: string): string[] => ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${film}`]
