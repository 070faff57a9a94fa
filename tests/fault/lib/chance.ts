/* Chance that can be had again: a seed is printed by each file, QM_SEED sets it. */
import { test } from 'node:test'
import { long } from '../../integration/lib/where'

/** How often each fault is caused. */
export const ROUNDS = long ? 50 : 5

export class Chance {
  readonly seed: number
  private state: number

  constructor(seed = Number(process.env['QM_SEED'] ?? Math.floor(Math.random() * 2 ** 31))) {
    this.seed = seed
    this.state = seed >>> 0
  }

  /** A fraction in [0, 1): mulberry32. */
  fraction(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let t = this.state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }

  /** A whole number from lo to hi, both included. */
  between(lo: number, hi: number): number {
    return lo + Math.floor(this.fraction() * (hi - lo + 1))
  }

  of<T>(list: readonly T[]): T {
    return list[this.between(0, list.length - 1)]!
  }

  /** True in so many of a hundred cases. */
  percent(n: number): boolean {
    return this.fraction() * 100 < n
  }

  /** A source of its own, so that what one actor draws does not depend on how fast another is. */
  child(): Chance {
    return new Chance(this.between(0, 2 ** 31 - 1))
  }
}

/** The file's source of chance; its seed is in the output. */
export function chance(): Chance {
  const c = new Chance()
  test(`seed ${c.seed} (QM_SEED=${c.seed} has it again)`, () => undefined)
  return c
}
