import { expect, test } from 'vitest'
import { steadyTaps } from './steady_taps'

const steady = steadyTaps()
/** Does a tap reach what it is on? */
function reaches(timeStamp: number, pageX: number, pageY: number, { detail = 1, on = 'button' } = {}): boolean {
  let reached = true
  const target = { closest: (what: string) => (what.split(', ').includes(on) ? {} : null) }
  const stop = (): void => void (reached = false)
  steady({ timeStamp, pageX, pageY, detail, target, preventDefault: stop, stopPropagation: stop } as unknown as MouseEvent)
  return reached
}

test('of two taps at once on one place the second is none; a slower one, another place, a key, a link or a field is no bounce', () => {
  expect(reaches(1000, 100, 100)).toBe(true)
  expect(reaches(1100, 104, 97)).toBe(false)
  // Another thing that has come under the finger meanwhile.
  expect(reaches(1390, 100, 100, { on: 'summary' })).toBe(false)
  expect(reaches(1395, 100, 100, { on: 'a' })).toBe(true)
  // Counted from the first one, so that who taps on and on is heard.
  expect(reaches(1410, 100, 100)).toBe(true)
  expect(reaches(1500, 100, 160)).toBe(true)
  expect(reaches(1550, 100, 160, { detail: 0 })).toBe(true)
  expect(reaches(1560, 100, 160, { on: 'input' })).toBe(true)
  expect(reaches(1570, 100, 160)).toBe(false)
})
