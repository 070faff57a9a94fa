import { expect, it } from 'vitest'
import { changedFields } from './edit'

it('only what was changed is sent; a name that is not shown stays as it is', () => {
  expect(changedFields({ door: '1', lane: '东街' }, { door: ' 2 ', lane: '东街' }, { head: '', phone: '' }, false)).toEqual({ door: '2' })
  expect(changedFields({ door: '1' }, { door: '' }, { head: '王五', phone: ' 139 ' }, false)).toEqual({ door: '', head: '王五', phone: '139' })
  expect(changedFields({}, {}, { head: '', phone: '139' }, true)).toEqual({ phone: '' })
  expect(changedFields({ born: '' }, { born: '' }, {}, false)).toEqual({})
})
