import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ofLanguage } from '@shared/lang'
import { faultWords } from './fault_words'

const edge = join(import.meta.dirname, '../../../edge')
/** Sentences of the console alone, of a server that is away (told as such), and those without words of their own. */
const ELSEWHERE =
  /^(--days|--role|--prefix|account \S+ does not have|the private part|county \S+ is not set up|the database|sealing failed|\S+: run admin as|.*: refused; nothing|x: x; nothing|x; nothing|--household|grid \(15|division or grid|the grids$|the divisions$|counted, away|x x$|x$|"x" x$|$)/

/** The text literals of each call that says what is wrong, as somebody would read them. */
function sentences(source: string): string[] {
  const found: string[] = []
  for (const m of source.matchAll(/\b(qm_office_fail|qm_sheet_fault|qm_closed_fault|qm_fault_add|qm_sheet_look_up)\s*\(([^;]*);/g)) {
    if (m[2]!.includes('QM_OFFICE_AWAY')) continue
    const texts = [...m[2]!.matchAll(/(?:"(?:[^"\\]|\\.)*"\s*)+/g)].map((t) => [...t[0].matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((x) => x[1]).join(''))
    const look = m[1] === 'qm_sheet_look_up'
    for (const t of texts.filter((x) => x.includes(' ') && !x.startsWith('SELECT')))
      found.push((look ? '"x" ' : '') + t.replace(/\\"/g, '"').replace(/%(\.\*)?s/g, 'x').replace(/%0?\d*(zu|lld|d)/g, '7'))
  }
  return found
}

it('every sentence of the server has its Chinese', () => {
  const files = readdirSync(edge).filter((f) => /^(office_.*|closed|settings|rule|preferences|csv)\.c$/.test(f))
  const all = files.flatMap((f) => sentences(readFileSync(join(edge, f), 'utf8')))
  expect(all.length).toBeGreaterThan(80)
  expect(all.filter((s) => !ELSEWHERE.test(s) && !/[\u4e00-\u9fff]/.test(faultWords(s, 'zh')))).toEqual([])
})

it('fills in what the sentence is about', () => {
  expect(faultWords('"W1" is no account: a capital letter, then more', 'zh')).toContain('“W1”')
  expect(faultWords('the weights add up to 90, must be 100', 'zh')).toBe('权重加起来是90,应为100')
  expect(faultWords('lies before from', 'en')).toBe('lies before from')
  expect(faultWords('a sentence that nobody knows', 'zh')).toBe('a sentence that nobody knows')
})

it('takes the reader\u2019s half of a sentence in both languages', () => {
  expect(ofLanguage('text: 1 to 60 bytes / 查找内容:1到60字节', 'zh')).toBe('查找内容:1到60字节')
  expect(ofLanguage('text: 1 to 60 bytes / 查找内容:1到60字节', 'en')).toBe('text: 1 to 60 bytes')
  expect(ofLanguage('no / both', 'zh')).toBe('no / both')
})
