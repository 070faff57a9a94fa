import { expect, it } from 'vitest'
import { cameraFault } from './scan'

it('tells apart why there is no picture', () => {
  const of = (name: string) => cameraFault(new DOMException('x', name))
  expect(['NotAllowedError', 'SecurityError'].map(of)).toEqual(['refused', 'refused'])
  expect(['NotFoundError', 'OverconstrainedError'].map(of)).toEqual(['none', 'none'])
  expect(['NotReadableError', 'AbortError'].map(of)).toEqual(['in_use', 'in_use'])
  expect([of('TypeError'), cameraFault('odd')]).toEqual(['broken', 'broken'])
})
