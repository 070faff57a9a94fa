// What a cell of an office's list says about whether and when something was done.
import { dayOfCell } from './columns'

const NO = /^(0|否|无|没有|×|x|n|no|未.*|没.*|不.*|拒.*)$/i
const YES = /^(1|是|有|√|✓|✔|v|y|yes|o|已.*|完成|签收|签订|安装|同意)$/i
const LEFT = /留置|留下/
const NA = /^(不支持|无此功能|没有这个功能|没有此功能|na|n\/a)$/i

/** 是, √, 已入户, 1, or a date: done. Empty, 否, ×, 未…: not done. */
export function saysDone(cell: string): boolean {
  const t = cell.trim()
  return t !== '' && !NO.test(t)
}

export type Said =
  | { done: false }
  /** left: handed over without a signature (留置) */
  | { done: true; day?: string; left?: true }
  | { fault: 'cell' | 'day' | 'future' | 'early' }

const FIRST_DAY = '2000-01-01'

/** day: yyyy-mm-dd as the sheet has it; today likewise. */
function dayJudged(day: string, today: string): Said {
  const read = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(read.getTime()) || !read.toISOString().startsWith(day)) return { fault: 'day' }
  if (day > today) return { fault: 'future' }
  return day < FIRST_DAY ? { fault: 'early' } : { done: true, day }
}

/** Strict, because records are made of it: what is neither yes, no nor a day is a fault. */
export function cellSays(cell: string, today: string): Said {
  const t = cell.normalize('NFKC').trim()
  if (t === '' || (NO.test(t) && !LEFT.test(t))) return { done: false }
  if (LEFT.test(t)) return { done: true, left: true }
  if (YES.test(t)) return { done: true }
  const day = dayOfCell(t)
  return /^\d{4}-\d{2}-\d{2}$/.test(day) ? dayJudged(day, today) : { fault: 'cell' }
}

/** An alert of the app: on, off, or not offered by this phone. */
export function alertSays(cell: string): 'yes' | 'no' | 'na' | null {
  const t = cell.normalize('NFKC').trim()
  if (NA.test(t)) return 'na'
  if (t === '' || NO.test(t)) return 'no'
  return YES.test(t) || /^(开|开启|打开|已开)$/.test(t) ? 'yes' : null
}
