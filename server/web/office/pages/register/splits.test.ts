import { expect, it } from 'vitest'
import type { Card } from '@shared/api/office'
import { goesAlong } from './splits'

const person = (resident: string, name: string | null, born: string | null, status: 'counted' | 'gone' = 'counted') =>
  ({ resident, name, born, status }) as Card['residents'][number]
const old = [person('a', '王*', '1970-01-01'), person('b', '李*', '1972-02-02'), person('c', '王*', null), person('d', '赵*', null, 'gone'), person('e', null, null)]

it.each([
  ['nobody whom the worker did not write down', [], []],
  ['a name without a day fits all that have the name', [person('x', '王*', null)], ['a', 'c']],
  ['another day of birth is another person', [person('x', '王*', '1999-09-09')], ['c']],
  ['who has gone does not go', [person('x', '赵*', null)], []],
  ['no name fits no name', [person('x', null, null)], []],
] as const)('%s', (_, fresh, goes) => {
  expect(goesAlong(old, fresh)).toEqual(goes)
})
