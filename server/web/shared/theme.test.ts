import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const css = readFileSync(join(import.meta.dirname, 'theme.css'), 'utf8')

function colour(name: string): number[] {
  const hex = new RegExp(`--qm-${name}: #([0-9a-f]{6});`).exec(css)?.[1]
  if (hex === undefined) throw new Error(`no colour ${name}`)
  return [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255)
}

/** WCAG 2.2, relative luminance. */
function luminance(name: string): number {
  const [r, g, b] = colour(name).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high! + 0.05) / (low! + 0.05)
}

it.each([
  ['ink', 'paper'],
  ['ink', 'ground'],
  ['ink-soft', 'paper'],
  ['ink-soft', 'ground'],
  ['brand-ink', 'brand'],
  ['brand', 'paper'],
  ['brand', 'ground'],
  ['link', 'paper'],
  ['link', 'ground'],
  ['good', 'paper'],
  ['good', 'good-ground'],
  ['wait', 'paper'],
  ['wait', 'wait-ground'],
  ['bad', 'paper'],
  ['bad', 'bad-ground'],
])('%s can be read on %s', (text, ground) => {
  expect(contrast(text, ground)).toBeGreaterThanOrEqual(4.5)
})
