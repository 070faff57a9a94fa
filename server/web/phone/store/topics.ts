// Kinds of fraud that are talked about at the door, by code.  What the office set for this round comes
// first; without it, what is talked about everywhere.  A code that a phone does not know is shown as
// it is: the name of a lesson never costs a visit.
import type { Language } from '@shared/lang'

const names: Record<string, readonly [string, string]> = {
  'order-brushing': ['刷单返利', 'paid “likes” and orders'],
  'fake-service': ['冒充客服退款', 'false customer service'],
  'fake-investment': ['虚假投资理财', 'false investments'],
  'fake-loan': ['虚假贷款', 'false loans'],
  'fake-police': ['冒充公检法', 'false police'],
  'fake-official': ['冒充机关人员', 'false officials'],
  'fake-friend': ['冒充亲友熟人', 'false friends'],
  'fake-boss': ['冒充领导', 'false superiors'],
  'fake-shopping': ['虚假网购', 'false shops'],
  'game-trade': ['游戏交易', 'game accounts'],
  phishing: ['不明链接、二维码', 'strange links and codes'],
  'health-product': ['保健品诈骗', 'health products'],
  'elder-service': ['养老服务诈骗', 'services for the old'],
  'high-return-fundraising': ['高额回报集资', 'high returns'],
  'card-trade': ['不租借银行卡、电话卡', 'lending cards'],
  'overseas-job': ['境外高薪招工', 'well-paid jobs abroad'],
}
export const TOPICS_MAX = 16
const USUAL = ['order-brushing', 'fake-service', 'fake-investment', 'fake-loan', 'fake-police', 'card-trade']
const KEY = 'qm.topics'

export interface Offered {
  code: string
  zh: string
}

/** As the office calls it, in Chinese. */
export function topicName(code: string, language: Language, offered: readonly Offered[] = []): string {
  const zh = offered.find((t) => t.code === code)?.zh ?? names[code]?.[0]
  return (language === 'zh' ? zh : (names[code]?.[1] ?? zh)) ?? code
}

/** What may be chosen: the office's list, else our own. */
export function topicCodes(offered: readonly Offered[]): string[] {
  return offered.length > 0 ? offered.map((t) => t.code) : Object.keys(names)
}

function kept(): string[] | undefined {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null')
    if (Array.isArray(found)) return found.filter((c): c is string => typeof c === 'string')
  } catch {
    // what is kept cannot be read: as if there were nothing
  }
  return undefined
}

/** What is ticked beforehand: as kept on this phone, else the whole list of the office if it is short,
 * else the usual ones of it. */
export function topicsPreset(offered: readonly Offered[]): string[] {
  const codes = topicCodes(offered)
  const own = kept()?.filter((c) => codes.includes(c))
  if (own !== undefined && own.length > 0) return own.slice(0, TOPICS_MAX)
  if (offered.length > 0 && offered.length <= USUAL.length) return codes
  const usual = USUAL.filter((c) => codes.includes(c))
  return usual.length > 0 ? usual : codes.slice(0, USUAL.length)
}

export function topicsPresetKeep(codes: readonly string[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(codes))
  } catch {
    // no storage: it holds for this page
  }
}
