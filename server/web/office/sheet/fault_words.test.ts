import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ofLanguage } from '@shared/lang'
import { faultWords } from './fault_words'

const edge = join(import.meta.dirname, '../../../edge')
const sources = readdirSync(edge).filter((f) => f.endsWith('.c')).map((f) => readFileSync(join(edge, f), 'utf8'))
const CHINESE = /[\u4e00-\u9fff]/
/** Sentences of the console alone, of a server that is away (told as such), and those without words of their own. */
const ELSEWHERE =
  /^(--days|--role|--prefix|account \S+ does not have|the private part|county \S+ is not set up|the database|the statement x cannot run|sealing failed|\S+: run admin as|.*: refused; nothing|x: x; nothing|x; nothing|--household|grid \(15|division or grid|the grids$|the divisions$|counted, away|x x$|x$|; leave it empty|events (count|are out) now|erased: private|room for all|to (enrol one phone|set a password) with|"x" x$|$)/

/** A format as somebody would read it. */
const filled = (t: string): string => t.replace(/\\"/g, '"').replace(/%(\.\*)?s/g, 'x').replace(/%0?\d*(zu|lld|d)/g, '7')
/** The text literals among the arguments of a call, each in one piece. */
const literals = (args: string): string[] =>
  [...args.matchAll(/(?:"(?:[^"\\]|\\.)*"\s*)+/g)].map((t) => [...t[0].matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((x) => x[1]).join(''))

/** The text literals of each call that says what is wrong, as somebody would read them. */
function sentences(source: string): string[] {
  const found: string[] = []
  for (const m of source.matchAll(/\b(qm_office_fail|qm_sheet_fault|qm_closed_fault|qm_fault_add|qm_sheet_look_up)\s*\(([^]*?)\);/g)) {
    if (m[2]!.includes('QM_OFFICE_AWAY')) continue
    const texts = literals(m[2]!)
    const look = m[1] === 'qm_sheet_look_up'
    for (const t of texts.filter((x) => x.includes(' ') && !x.startsWith('SELECT')))
      found.push((look ? '"x" ' : '') + filled(t))
  }
  return found
}

it('every sentence of the server has its Chinese', () => {
  const all = sources.flatMap(sentences)
  expect(all.length).toBeGreaterThan(80)
  expect(all.filter((s) => !ELSEWHERE.test(s) && !CHINESE.test(faultWords(s, 'zh')))).toEqual([])
})

it('and every sentence that an answer is put together from', () => {
  const files = readdirSync(edge).filter((f) => /^office_.*\.c$/.test(f)).map((f) => readFileSync(join(edge, f), 'utf8'))
  const shown = files.map((s) => s.replace(/\/\*[^]*?\*\/|#include.*|\bqm_office_say\s*\([^]*?\);/g, ''))
  const all = shown.flatMap(literals).filter((x) => /^[a-z\\"%].* .* /.test(x) && !/\b(SELECT|FROM|WHERE|JOIN|qm\.)/.test(x)).map(filled)
  expect(all.length).toBeGreaterThan(100)
  // Some stand behind what they are about.
  const known = (x: string): boolean => ['', '"x" ', 'x ', 'x: '].some((about) => CHINESE.test(faultWords(`${about}${x}`, 'zh')))
  expect(all.filter((x) => !ELSEWHERE.test(x) && !known(x))).toEqual([])
})

it('every refusal of the server is written in Chinese and in English', () => {
  const refusals = sources.flatMap((s) => [...s.matchAll(/\bqm_call_refuse\s*\(\s*(?:\w+->)?c,\s*\w+,([^]*?)\);/g)].map((m) => literals(m[1]!)))
  const said = refusals.filter((r) => r.length >= 2 && r[0] !== '%s')
  expect(said.length).toBeGreaterThan(30)
  expect(said.filter(([zh, en]) => !CHINESE.test(zh!) || CHINESE.test(en!) || !/[a-z]{3}/.test(en!))).toEqual([])
  const calls = sources.flatMap((s) => [...s.matchAll(/\bqm_call_refuse\s*\(\s*([^,]*),/g)].filter((m) => !m[1]!.startsWith('struct')))
  expect(refusals.length, 'each call is looked at').toBe(calls.length)
  // What else can stand in a problem are the words of a bulletin's refusals, in pairs too.
  const pairs = readFileSync(join(edge, 'bulletin_refuse.c'), 'utf8').matchAll(/\] =\s*\{((?:[^{}"]|"(?:[^"\\]|\\.)*")*)\}/g)
  const words = [...pairs].map((m) => literals(m[1]!)).filter((r) => r.some((w) => w !== ''))
  expect(words.length).toBeGreaterThan(12)
  expect(words.filter(([zh, en]) => !CHINESE.test(zh!) || CHINESE.test(en!))).toEqual([])
  expect(sources.filter((s) => /\bproblem\(c, /.test(s)).length, 'one file writes problems').toBe(1)
})

it('fills in what the sentence is about', () => {
  expect(faultWords('"W1" is no account: a capital letter, then more', 'zh')).toContain('“W1”')
  expect(faultWords('the weights add up to 90, must be 100', 'zh')).toBe('权重加起来是90,应为100')
  expect(faultWords('lies before from', 'en')).toBe('lies before from')
  expect(faultWords('a sentence that nobody knows', 'zh')).toBe('a sentence that nobody knows')
  expect(faultWords('something was changed there since: take back the later change first; nothing was changed', 'zh')).toBe('后来又有改动:请先撤回后面的改动')
  expect(faultWords('household AAAA is not in the register of 140522110', 'zh')).toBe('底册里没有AAAA,或不归您管')
  expect(faultWords('01a1dcaa-e627-798a-a981-24c25d3c8686: this is no open proposal of this area; nothing was changed', 'zh')).toMatch(/刷新/)
  expect(faultWords('phone: a phone number has 5 to 15 digits, also with +, - and spaces; nothing was changed', 'zh')).toBe('电话应有5至15位数字')
})

it('takes the reader\u2019s half of a sentence in both languages', () => {
  expect(ofLanguage('text: 1 to 60 bytes / 查找内容:1到60字节', 'zh')).toBe('查找内容:1到60字节')
  expect(ofLanguage('text: 1 to 60 bytes / 查找内容:1到60字节', 'en')).toBe('text: 1 to 60 bytes')
  expect(ofLanguage('no / both', 'zh')).toBe('no / both')
})
