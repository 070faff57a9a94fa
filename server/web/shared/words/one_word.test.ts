// One thing has one word, on every page: these were second words for 责任人, 应访, 户代码 and 街巷.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const SECOND = /(?<!主要|分管|\(或)负责人|在册|户编号|巷\(路\)|已销/
const web = join(import.meta.dirname, '..', '..')
/** What offices write in their own files stands there as they write it. */
const THEIRS = ['office/sheet/columns.ts']

function files(folder: string): string[] {
  return readdirSync(join(web, folder), { recursive: true, encoding: 'utf8' })
    .filter((f) => /\.(ts|vue)$/.test(f) && !f.endsWith('.test.ts'))
    .map((f) => `${folder}/${f}`)
    .filter((f) => !THEIRS.includes(f))
}

test('no page says a second word for a thing', () => {
  const found = ['office', 'phone', 'public', 'shared'].flatMap(files).flatMap((f) => {
    const lines = readFileSync(join(web, f), 'utf8').split('\n')
    return lines.flatMap((line, i) => (SECOND.test(line) ? [`${f}:${i + 1}: ${SECOND.exec(line)![0]}`] : []))
  })
  expect(found).toEqual([])
  expect(SECOND.test('worker: \'负责人\'')).toBe(true)
})
