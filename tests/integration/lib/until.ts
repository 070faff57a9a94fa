/* Waiting for a state; a test never waits for a time to pass. */

export const sleep = (ms: number): Promise<void> => new Promise((r) => setTimeout(r, ms))

/** Waits until the condition holds; fails after the time, which is far above what it takes. */
export async function until(what: string, holds: () => Promise<boolean> | boolean, limit_ms = 60_000): Promise<void> {
  const end = Date.now() + limit_ms
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited ${limit_ms} ms for: ${what}`)
    await sleep(20)
  }
}
