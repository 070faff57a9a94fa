/* Where things lie: QM_ROOT is the source tree, QM_BUILD the meson folder under test. */
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

function setting(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: run these tests with deploy/test --only integration`)
  return resolve(value)
}

export const root = setting('QM_ROOT')
export const build = setting('QM_BUILD')
export const long = process.env['QM_LONG'] === '1'

export const qiaomend = join(build, 'server', 'qiaomend')
export const qiaomen = join(build, 'client-sdk', 'qiaomen')

for (const program of [qiaomend, qiaomen]) {
  if (!existsSync(program)) throw new Error(`${program} is not built`)
}

/** A fresh folder with a short path, because a unix socket's path must be short. */
export function freshFolder(): string {
  return mkdtempSync(join(tmpdir(), 'qm-'))
}
