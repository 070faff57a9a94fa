import { webcrypto } from 'node:crypto'
import { expect, it, vi } from 'vitest'
import { linkRead, resultRead, sha256Hex } from './result'

const result = {
  scope: '140522110',
  level: 'village',
  period: '2026-W47',
  from: 0,
  to: 120,
  metrics: ['visited'],
  rows: [{ rank: 1, code: '140522110204', m: [[357, 718, 12, 3]], before: 2 }],
}

it('reads a result', () => {
  expect(resultRead(JSON.stringify(result) + '\n').rows[0]!.m[0]).toEqual([357, 718, 12, 3])
})

it.each([
  '{}',
  'null',
  JSON.stringify({ ...result, to: '120' }),
  JSON.stringify({ ...result, metrics: ['visited', 'app'] }),
  JSON.stringify({ ...result, rows: [{ ...result.rows[0], m: [[1, 2, 3]] }] }),
  JSON.stringify({ ...result, rows: [{ ...result.rows[0], code: 7 }] }),
  JSON.stringify({ ...result, rows: [null] }),
])('refuses %s', (text) => {
  expect(() => resultRead(text)).toThrow()
})

it('takes a link of the right form only', () => {
  const hash = 'ab'.repeat(32)
  expect(linkRead(`#140522/${hash}`)).toEqual({ log: '140522', sha256: hash })
  expect(linkRead(`#140522-2/${hash}`)?.log).toBe('140522-2')
  for (const bad of ['', `#14052/${hash}`, `#140522/${hash}0`, `#140522/${hash.toUpperCase()}`, `#140522-0/${hash}`])
    expect(linkRead(bad)).toBeNull()
})

it('hashes as everybody does', async () => {
  vi.stubGlobal('crypto', webcrypto)
  const bytes = new TextEncoder().encode('abc').buffer
  expect(await sha256Hex(bytes)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})
