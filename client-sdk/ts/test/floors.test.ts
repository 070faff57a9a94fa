/* The floors of README.md, held against what the files import and name. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const src = fileURLToPath(new URL('../src', import.meta.url))
const files = ['', 'wire/'].flatMap((folder) =>
  readdirSync(`${src}/${folder}`).filter((name) => name.endsWith('.ts')).map((name) => folder + name),
)
const text = (file: string): string => readFileSync(`${src}/${file}`, 'utf8')
/** Imports of values and types, as paths below src or names of packages. */
const importsOf = (file: string): string[] =>
  [...text(file).matchAll(/\bfrom '([^']+)'|\bimport\('([^']+)'\)/g)].map((found) => {
    const to = found[1] ?? found[2]!
    const folder = file.startsWith('wire/') ? 'wire/' : ''
    return to.startsWith('./') ? (folder + to.slice(2)).replace(/\.js$/, '.ts') : to
  })

const floors: [RegExp, number][] = [
  [/^wire\//, 0],
  [/^(ports|platform|keys|record|seal|states|secretstream|queue_file|outbox(_\w+)?|sync_(ask|judge|receipt|changes))\.ts$/, 1],
  [/^sync(_enrol)?\.ts$/, 2],
  [/^(sync_run|transport_fetch|platform_browser|client(_\w+)?|index)\.ts$/, 3],
]
const floorOf = (file: string): number => floors.find(([names]) => names.test(file))?.[1] ?? 9

const libraries: Record<string, RegExp> = {
  '@noble/hashes/sha2.js': /^wire\/(sha256|ed25519)\.ts$/,
  '@noble/curves/ed25519.js': /^wire\/ed25519\.ts$/,
  idb: /^outbox(_\w+)?\.ts$/,
  '@noble/hashes/argon2.js': /^queue_file\.ts$/,
  '@noble/ciphers/chacha.js': /^secretstream\.ts$/,
  '@noble/ciphers/_poly1305.js': /^secretstream\.ts$/,
}

describe.each(files)('%s', (file) => {
  test('imports only what is of its floor or lower', () => {
    for (const to of importsOf(file)) {
      if (to in libraries) expect(file).toMatch(libraries[to]!)
      else expect([to, floorOf(to) <= Math.min(floorOf(file), 3)]).toEqual([to, true])
    }
  })
  test.skipIf(file === 'platform_browser.ts')('takes nothing from a platform by itself', () => {
    const code = text(file).replace(/\/\*[^]*?\*\/|\/\/.*/g, '')
    const named = /\b(Date\.now|Math\.random|globalThis|XMLHttpRequest)\b|\b(window|document|navigator|indexedDB|localStorage|process|Buffer|crypto)\.|\b(fetch|require)\(/
    expect(named.exec(code)?.[0]).toBeUndefined()
    if (file !== 'transport_fetch.ts') expect(code).not.toMatch(/\bset(Timeout|Interval)\b/)
  })
})

test('all floors were found', () => {
  expect(files.length).toBeGreaterThan(20)
  expect(new Set(files.map(floorOf)).size).toBeGreaterThanOrEqual(4)
})
