import { describe, expect, test } from 'vitest'
import { initials } from './initials'

describe('initials of names', () => {
  test.each([
    ['王建国', 'wjg'],
    ['老王家', 'lwj'],
    ['张三', 'zs'],
    ['阿依古丽', 'aygl'],
    ['曾庆红', 'zqh'],
    ['单田芳', 'stf'],
    ['赵 Li', 'zli'],
    ['三组', 'sz'],
    ['刘荣', 'lr'],
    ['龙瑞吕', 'lrl'],
    ['他如达搭', 'trdd'],
    ['梅苏仁', 'msr'],
    ['', ''],
  ])('%s is %s', (name, want) => expect(initials(name)).toBe(want))
})
