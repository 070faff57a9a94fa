import { expect, it } from 'vitest'
import { refusalWords } from './refusal_words'

it('what the server refuses is said in the office’s words, and what nobody knows as it was said', () => {
  expect(refusalWords('something was changed there since: take back the later change first; nothing was changed', 'zh')).toBe('后来又有改动:请先撤回后面的改动')
  expect(refusalWords('household AAAA is not in the register of 140522110', 'zh')).toBe('底册里没有AAAA,或不归您管')
  expect(refusalWords('01a1dcaa-e627-798a-a981-24c25d3c8686: this is no open proposal of this area; nothing was changed', 'zh')).toMatch(/刷新/)
  expect(refusalWords('something was changed there since', 'en')).toBe('something was changed there since')
  expect(refusalWords('the moon is blue', 'zh')).toBe('the moon is blue')
})
