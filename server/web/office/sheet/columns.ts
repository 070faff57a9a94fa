// Which column of an office's file is which of the register's: guessed from the header, remembered
// from the time before, and corrected by hand.  Then each cell in the register's own words.
import type { ImportKind } from '@shared/api/office'
import { carriedColumns, type CarriedKind } from './carried_columns'
import type { Table } from './csv'

/** The register's own files, and a village's lists of what was done before the start. */
export type SheetKind = ImportKind | CarriedKind

export interface Column {
  name: string
  /** Must be chosen. */
  needed?: boolean
  /** Or this one in its place. */
  or?: string
  /** Stands in the header even when it is empty. */
  always?: boolean
  aliases: string[]
  /** The register's word for what offices write. */
  values?: Record<string, string>
  form?: 'day' | 'id_number' | 'digits' | 'areas'
}

const household: Column = { name: 'household', always: true, aliases: ['户代码', '户码', '住户代码', '系统户号'] }
const grid: Column = {
  name: 'grid', needed: true, always: true, form: 'digits',
  aliases: ['网格代码', '网格编码', '网格编号', '网格号', '网格', '所属网格'],
}
const phone: Column = { name: 'phone', aliases: ['电话', '联系电话', '手机', '手机号', '手机号码', '联系方式', '户主电话'] }
const householdStatus = {
  常住: 'counted', 在家: 'counted', 正常: 'counted', 应访: 'counted', 外出: 'away', 在外: 'away', 全家外出: 'away',
  空房: 'vacant', 空户: 'vacant', 已搬走: 'gone', 搬走: 'gone', 迁出: 'gone', 查无此户: 'gone', 其他: 'other',
}
const residentStatus = {
  常住: 'counted', 在家: 'counted', 正常: 'counted', 外出: 'away', 在外: 'away', 外出务工: 'away', 迁出: 'gone',
  已搬走: 'gone', 死亡: 'dead', 去世: 'dead', 已故: 'dead', 年龄不详: 'unknown_age', 不详: 'unknown_age', 缺出生日期: 'unknown_age',
}
const place = {
  住户: 'home', 居民户: 'home', 家庭: 'home', 门店: 'shop', 商户: 'shop', 商铺: 'shop', 企业: 'enterprise',
  学校: 'school', 机关: 'office', 机关单位: 'office', 单位: 'office', 场所: 'venue',
}
const role = {
  网格员: 'worker', 网格长: 'leader', 文书: 'deputy', 村里经办人: 'deputy', 综治专干: 'deputy', 副职: 'deputy',
  书记: 'secretary', 村书记: 'secretary', '村(社区)书记': 'secretary', 镇办公室: 'township', 办公室: 'township',
  派出所: 'police', 民警: 'police', 片警: 'police', 督导员: 'inspector', 审计: 'auditor', 系统管理员: 'admin',
}

const level = { 乡镇: 'township', 乡: 'township', 镇: 'township', 街道: 'township', 村: 'village', 社区: 'village', 村社区: 'village', 行政村: 'village' }

const duty = {
  第一责任人: 'first', 主要负责人: 'first', 具体责任人: 'deputy', 直接责任人: 'deputy', 分管领导: 'deputy', 承办人: 'handler', 经办人: 'handler',
  联络员: 'liaison', 联系人: 'liaison', 宣讲员: 'lecturer', 讲师: 'lecturer',
}

export const columns: Record<SheetKind, Column[]> = {
  ...carriedColumns,
  divisions: [
    { name: 'code', needed: true, always: true, form: 'digits', aliases: ['代码', '区划代码', '统计代码', '行政区划代码'] },
    { name: 'name', needed: true, always: true, aliases: ['名称', '区划名称'] },
    { name: 'parent_code', needed: true, always: true, form: 'digits', aliases: ['上级代码', '上级', '上级区划代码'] },
    { name: 'level', needed: true, always: true, aliases: ['级别', '层级', '类型'], values: level },
  ],
  grids: [
    grid,
    { name: 'name', needed: true, always: true, aliases: ['网格名称', '名称', '网格名'] },
    { name: 'population', form: 'digits', aliases: ['人口', '人口数', '常住人口', '人数'] },
    { name: 'population_source', aliases: ['人口来源', '数据来源', '来源'] },
    { name: 'population_date', form: 'day', aliases: ['人口日期', '统计日期', '日期'] },
  ],
  accounts: [
    { name: 'account', needed: true, always: true, aliases: ['账号', '帐号', '用户名', '工号'] },
    { name: 'role', needed: true, always: true, aliases: ['身份', '角色', '职务'], values: role },
    { name: 'name', needed: true, always: true, aliases: ['姓名', '名字'] },
    { ...phone, needed: true, always: true },
    { name: 'areas', needed: true, always: true, form: 'areas', aliases: ['范围', '网格代码', '负责网格', '管辖范围', '网格', '村代码'] },
    { name: 'from', form: 'day', aliases: ['开始日期', '起始日期', '任职日期', '有效期起'] },
    { name: 'until', form: 'day', aliases: ['结束日期', '截止日期', '离任日期', '有效期止', '到期日期'] },
  ],
  households: [
    household, grid,
    { name: 'place', aliases: ['类别', '类型', '户类别', '场所类别'], values: place },
    { name: 'status', aliases: ['状态', '居住状态', '居住情况', '户状态'], values: householdStatus },
    { name: 'group', aliases: ['组', '小组', '村民小组', '自然村', '组别'] },
    { name: 'lane', aliases: ['街巷', '巷', '街道', '路', '楼栋', '楼栋单元'] },
    { name: 'door', aliases: ['门牌', '门牌号', '房号', '住址', '地址', '门号'] },
    { name: 'head', aliases: ['户主', '户主姓名', '姓名', '负责人'] },
    phone,
    { name: 'worker', aliases: ['责任人', '网格员账号', '包干人', '责任人账号', '网格员'] },
    { name: 'ref', aliases: ['户号', '户编号', '本村户号', '门户号'] },
  ],
  residents: [
    { name: 'resident', always: true, aliases: ['人员代码', '居民代码', '系统人员号'] },
    { ...household, needed: true, or: 'household_ref' },
    { name: 'household_ref', aliases: ['户号', '户编号', '本村户号', '门户号'] },
    { name: 'village', form: 'digits', aliases: ['村代码', '行政村代码'] },
    { name: 'grid', form: 'digits', aliases: ['网格代码', '网格编码'] },
    { name: 'name', aliases: ['姓名', '名字', '居民姓名'] },
    { name: 'born', form: 'day', aliases: ['出生日期', '生日', '出生年月', '出生年月日'] },
    { name: 'id_number', form: 'id_number', aliases: ['身份证', '身份证号', '身份证号码', '公民身份号码', '证件号码'] },
    phone,
    { name: 'status', aliases: ['状态', '居住状态', '居住情况'], values: residentStatus },
    { name: 'groups', aliases: ['人群', '关爱对象', '人员类别'] },
  ],
  duties: [
    { name: 'division', needed: true, always: true, form: 'digits', aliases: ['区划代码', '村代码', '代码', '行政区划代码', '统计代码'] },
    { name: 'duty', needed: true, always: true, aliases: ['职责', '责任', '身份', '分工', '职务'], values: duty },
    { name: 'name', needed: true, always: true, aliases: ['姓名', '名字'] },
    phone,
    { name: 'trained_on', form: 'day', aliases: ['培训日期', '培训时间', '培训'] },
  ],
  claims: [
    { ...household, needed: true },
    { name: 'account', needed: true, always: true, aliases: ['责任人', '账号', '责任人账号', '网格员账号', '包干人', '网格员'] },
  ],
}

/** What of a header tells nothing: spaces, stars of "must be filled", brackets with advice. */
const plain = (text: string) => text.normalize('NFKC').toLowerCase().replace(/[\s*::]/g, '').replace(/\(.*?\)$/, '')

/** Column of the register → number of the file's column. */
export type Match = Record<string, number>

export function matchGuess(kind: SheetKind, header: string[], before: Record<string, string> = {}): Match {
  const heads = header.map(plain)
  const taken = new Set<number>()
  const match: Match = {}
  const take = (name: string, wanted: string[]) => {
    const at = heads.findIndex((h, i) => h !== '' && !taken.has(i) && wanted.includes(h))
    if (at === -1) return
    match[name] = at
    taken.add(at)
  }
  for (const c of columns[kind]) if (before[c.name] !== undefined) take(c.name, [plain(before[c.name]!)])
  for (const c of columns[kind])
    if (match[c.name] === undefined) take(c.name, [c.name, ...c.aliases].map(plain))
  return match
}

export const missing = (kind: SheetKind, match: Match): string[] =>
  columns[kind].filter((c) => c.needed === true && match[c.name] === undefined && (c.or === undefined || match[c.or] === undefined)).map((c) => c.name)

const key = (kind: SheetKind) => `qm.columns.${kind}`

export function matchRemembered(kind: SheetKind): Record<string, string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key(kind)) ?? '{}')
    if (typeof kept !== 'object' || kept === null) return {}
    return Object.fromEntries(Object.entries(kept).filter((e): e is [string, string] => typeof e[1] === 'string'))
  } catch {
    return {}
  }
}

export function matchRemember(kind: SheetKind, header: string[], match: Match): void {
  const named = Object.fromEntries(Object.entries(match).map(([name, at]) => [name, header[at] ?? '']))
  try {
    localStorage.setItem(key(kind), JSON.stringify(named))
  } catch {
    // Storage is switched off: the columns are guessed again next time.
  }
}

/** 2026-03-05 of 2026/3/5, 2026.3.5, 2026年3月5日, 20260305; of a month alone the first day is not made up. */
export function dayOfCell(text: string): string {
  const t = text.trim()
  const packed = /^(\d{4})(\d{2})(\d{2})$/.exec(t)
  const parts = packed ?? /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?$/.exec(t)
  if (parts === null) return t
  return `${parts[1]}-${parts[2]!.padStart(2, '0')}-${parts[3]!.padStart(2, '0')}`
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

/** GB 11643: the birthday in an ID number; null if the number does not hold together. */
export function birthdayOf(idNumber: string): string | null {
  const n = idNumber.trim().toUpperCase()
  if (!/^\d{17}[\dX]$/.test(n)) return null
  const sum = WEIGHTS.reduce((s, w, i) => s + w * Number(n[i]), 0)
  if ('10X98765432'[sum % 11] !== n[17]) return null
  const day = `${n.slice(6, 10)}-${n.slice(10, 12)}-${n.slice(12, 14)}`
  const read = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(day) ? day : null
}

export interface LocalFault {
  /** Line of the file, the header is 1. */
  line: number
  where: string
  fault: 'id_number' | 'id_number_born' | 'needed'
}

export interface Ready {
  rows: Table
  /** Line of the file behind each line that is sent. */
  lines: number[]
  faults: LocalFault[]
  /** ID numbers that were left out. */
  dropped: number
}

function cellReady(c: Column, text: string): string {
  if (c.values !== undefined) return c.values[text.normalize('NFKC').replace(/\s/g, '')] ?? text
  if (c.form === 'day') return dayOfCell(text)
  if (c.form === 'digits') return text.replace(/[\s,,]/g, '')
  if (c.form === 'areas') return text.split(/[\s,,、;;]+/).filter(Boolean).join(' ')
  return text
}

/** The file as the server takes it.  ID numbers stay here: only the birthday goes. */
export function ready(kind: ImportKind, table: Table, match: Match): Ready {
  const idAt = match['id_number']
  const sent = columns[kind].filter(
    (c) => c.form !== 'id_number' && (c.always === true || match[c.name] !== undefined || (c.name === 'born' && idAt !== undefined)),
  )
  const out: Ready = { rows: [sent.map((c) => c.name)], lines: [1], faults: [], dropped: 0 }
  table.slice(1).forEach((row, i) => {
    if (row.every((c) => c === '')) return
    const line = i + 2
    const cells = sent.map((c) => cellReady(c, row[match[c.name] ?? -1] ?? ''))
    sent.forEach((c, at) => {
      const other = c.or === undefined ? '' : (row[match[c.or] ?? -1] ?? '')
      if (c.needed === true && cells[at] === '' && other === '' && !(kind === 'claims' && c.name === 'account'))
        out.faults.push({ line, where: c.name, fault: 'needed' })
    })
    const id = idAt === undefined ? '' : (row[idAt] ?? '')
    if (id !== '') {
      const born = birthdayOf(id)
      const at = sent.findIndex((c) => c.name === 'born')
      if (born === null) out.faults.push({ line, where: 'id_number', fault: 'id_number' })
      else if (cells[at] !== '' && cells[at] !== born) out.faults.push({ line, where: 'born', fault: 'id_number_born' })
      else cells[at] = born
      out.dropped++
    }
    out.rows.push(cells)
    out.lines.push(line)
  })
  return out
}

/** Rows without a code get one here: sent again after a lost answer, they are the same rows and not new ones. */
export function withOwnCodes(made: Ready, name: string, code: () => string): Ready {
  const at = made.rows[0]!.indexOf(name)
  if (at === -1) return made
  return { ...made, rows: made.rows.map((row, i) => (i === 0 || row[at] !== '' ? row : row.map((cell, c) => (c === at ? code() : cell)))) }
}

/** The office's own file with the register's codes in front and without ID numbers: to be kept, and imported again next time. */
export function withCodes(table: Table, match: Match, lines: number[], codes: string[], name: string): Table {
  const idAt = match['id_number']
  const codeAt = match[name]
  const keep = (row: string[]) => row.filter((_c, i) => i !== idAt && i !== codeAt)
  const width = table[0]!.length
  const whole = (row: string[]) => Array.from({ length: width }, (_x, i) => row[i] ?? '')
  return [
    [name, ...keep(table[0]!)],
    ...lines.slice(1).map((line, i) => [codes[i] ?? '', ...keep(whole(table[line - 1]!))]),
  ]
}
