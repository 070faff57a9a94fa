import { expect, it } from 'vitest'
import { hex, sha256, utf8 } from '@qiaomen/sdk'
import { contactOf, textOf, textsRead } from './texts'

const TEXTS = [
  { text: 'notice-1', kind: 'notice', title: '告知书', body: '一、记住\n咨询电话 03561111111' },
  { text: 'notice-2', kind: 'notice', title: '告知书', body: '一、记住\n意见投诉 03562222222' },
  { text: 'pledge-1', kind: 'pledge', title: '承诺书', body: '一、不参与' },
]
const bytes = utf8(JSON.stringify(TEXTS))
const hash = hex(sha256(bytes))

it('finds the words of exactly the version that was signed', () => {
  const texts = textsRead(bytes, hash)
  expect(textOf(texts, 'pledge', 'pledge-1')?.body).toBe('一、不参与')
  expect(textOf(texts, 'pledge', 'pledge-2')).toBeNull()
  expect(textOf(texts, 'notice', 'pledge-1')).toBeNull()
})

it('refuses words of another hash, and what is no list of texts', () => {
  expect(() => textsRead(utf8(JSON.stringify(TEXTS).replace('不参与', '愿参与')), hash)).toThrow('other texts')
  const other = utf8('{"texts":[]}')
  expect(() => textsRead(other, hex(sha256(other)))).toThrow('no texts')
})

it('names where to complain: as the signed notice says, else as the one in force', () => {
  expect(contactOf(TEXTS, TEXTS[0]!)).toEqual(['咨询电话 03561111111'])
  expect(contactOf(TEXTS, TEXTS[2]!)).toEqual(['意见投诉 03562222222'])
  expect(contactOf([], null)).toEqual([])
})
