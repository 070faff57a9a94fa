// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { topicCodes, topicName, topicsPreset, topicsPresetKeep } from './topics'

beforeEach(() => localStorage.clear())
const offered = (...codes: string[]) => codes.map((code) => ({ code, zh: `办公室:${code}` }))

test('the office names the topics of this round; a short list is ticked as a whole', () => {
  const two = offered('fake-loan', 'new-trick')
  expect(topicsPreset(two)).toEqual(['fake-loan', 'new-trick'])
  expect(topicCodes(two)).toEqual(['fake-loan', 'new-trick'])
  expect(topicName('new-trick', 'zh', two)).toBe('办公室:new-trick')
  expect(topicName('new-trick', 'en', two)).toBe('办公室:new-trick')
  expect(topicName('fake-loan', 'en', two)).toBe('false loans')
})

test('of a long list the usual ones are ticked, without any list our own', () => {
  const long = offered('a', 'b', 'c', 'd', 'e', 'f', 'fake-police', 'card-trade')
  expect(topicsPreset(long)).toEqual(['fake-police', 'card-trade'])
  expect(topicsPreset(offered('a', 'b', 'c', 'd', 'e', 'f', 'g'))).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  expect(topicsPreset([])).toHaveLength(6)
})

test('what was chosen on this phone stays, as far as the office still offers it', () => {
  topicsPresetKeep(['fake-loan', 'gone'])
  expect(topicsPreset(offered('fake-loan', 'b'))).toEqual(['fake-loan'])
  expect(topicsPreset(offered('b'))).toEqual(['b'])
  localStorage.setItem('qm.topics', '{broken')
  expect(topicsPreset(offered('b'))).toEqual(['b'])
})
