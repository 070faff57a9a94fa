/* client_words.ts - floor 3: what a worker reads about the state of a record; the same words as in
 * client_words.c. */
import type { RecordState } from './ports.js'
import type { Lang } from './wire/err.js'

type Words = Record<Lang, string>

const words: Record<RecordState, Words> = {
  waiting: { zh: '待上传', en: 'waiting' },
  confirmed: { zh: '已入账', en: 'confirmed' },
  held: { zh: '待核实', en: 'held' },
  rejected: { zh: '未收下', en: 'not taken' },
  flagged: { zh: '请说明', en: 'please explain' },
}

/** '' : any other code; a flag matches as one of several. */
const todos: Record<RecordState, Record<string, Words>> = {
  waiting: { '': { zh: '还在这部手机里,有网自动发', en: 'Still on this device; sent by the next sync' } },
  confirmed: { '': { zh: '办公室已收到,有凭证', en: 'The office has it, and you hold the receipt' } },
  held: {
    revoked: { zh: '本机停用后发出的,先不计数,请交办公室核实', en: 'Sent after this device was taken out of use; hand the device to the office' },
    scope: { zh: '这户不在您负责的网格,先不计数,等办公室处理', en: 'The household is not in your grids; the office decides' },
    moved: { zh: '这户已转到别的网格,先不计数,等办公室处理', en: 'The household has moved to another grid; the office decides' },
    '': { zh: '已收到,先不计数,等办公室处理', en: 'Received, not counted yet; the office decides' },
  },
  rejected: {
    schema: { zh: '内容格式不对,请更新应用后重新填一条', en: 'The record is not in the right form; update and record it again' },
    private: { zh: '个人信息部分有问题,请重新填一条', en: 'The private part does not fit; record it again' },
    county: { zh: '网格不在本县,请核对网格后重新填', en: 'The grid is in another county; record it again' },
    conflict: { zh: '编号和别的记录重复,请重新填一条', en: 'Its number was taken by another record; record it again' },
    '': { zh: '这一条没有收下,请到这一家重新填;还是不行,请告诉办公室', en: 'Not taken: record it again at this door; if that does not help, tell the office' },
  },
  flagged: {
    future: { zh: '手机时间比服务器快,请打开自动设置时间', en: "This device's clock is ahead; switch on automatic time" },
    late: { zh: '上传比记录晚了三十天以上,请向办公室说明', en: 'Sent more than thirty days after it was recorded; tell the office why' },
    unknown: { zh: '名册里还没有这户或这人,办公室登记后自动计数', en: 'The household or person is not in the register yet; counts as soon as it is' },
    seq: { zh: '序号和这部手机以前的记录重复,请联系办公室', en: 'Its running number was used before on this device; call the office' },
    '': { zh: '有一处和平常不同,不是说您错了', en: 'Something is unusual; it does not mean you are wrong' },
  },
}

/** Why the office decided not to count it; codes are the office's own, '' is any other one. */
const decisions: Record<string, Words> = {
  double: { zh: '办公室决定不计:和另一条重复,不用再填', en: 'The office does not count it: it is there twice, nothing is to be done' },
  'not-true': { zh: '办公室决定不计:核对下来和实际不符,有不同看法请找办公室', en: 'The office does not count it: it did not agree with what was found; ask the office if you see it otherwise' },
  moved: { zh: '办公室决定不计:这户已搬家,请按现在住的地方重新填', en: 'The office does not count it: the household has moved, record it where it lives' },
  'wrong-area': { zh: '办公室决定不计:这户不归您的网格,由那边的网格员来办', en: 'The office does not count it: the household is of another grid, whose worker will go there' },
  'lost-phone': { zh: '办公室决定不计:手机丢失期间报的,是您本人办的请告诉办公室', en: 'The office does not count it: it came while the phone was lost; if it was you, tell the office' },
  '': { zh: '办公室决定不计,请问办公室', en: 'The office does not count it; ask the office' },
}

export const stateWord = (state: RecordState, lang: Lang): string => words[state][lang]

/** What the state means, or what to do about this code.  decided: the state is a decision of the office. */
export function stateTodo(state: RecordState, code: string, lang: Lang, decided = false): string {
  if (decided && state === 'rejected') return (decisions[code] ?? decisions['']!)[lang]
  const codes = code.split(',')
  const found = Object.keys(todos[state]).find((known) => known !== '' && codes.includes(known)) ?? ''
  return todos[state][found]![lang]
}
