// A fault in the words of the contract's one table: what happened, and what to do now.
import type { ErrCode } from '@qiaomen/sdk'
import { listed } from '../format'
import type { Language } from '../lang'

export async function codeText(code: ErrCode, language: Language): Promise<string> {
  const { errText, errTodo } = await import('@qiaomen/sdk')
  const parts = [errText(code, language), errTodo(code, language)]
  return language === 'zh' ? `${parts.join('。')}。` : `${parts.join('. ')}.`
}

/** Of the office's code: at a phone nothing else is refused in this way. */
export async function enrolText(code: ErrCode, language: Language): Promise<string> {
  if (code !== 'forbidden') return codeText(code, language)
  return language === 'zh'
    ? '这个登记码用过了,或者过了24小时,不能再用。请向办公室要一个新的登记码;没发出去的记录都在。'
    : 'This code was used, or is older than 24 hours. Ask the office for a new one; unsent records are kept.'
}

/** Of taking back: a household or a person that later records name stays until those are taken back. */
export async function undoText(e: unknown, language: Language): Promise<string> {
  const { errCode } = await import('@qiaomen/sdk')
  if (errCode(e) !== 'conflict') return faultText(e, language)
  return language === 'zh'
    ? '后面还有记录用着这一户或这个人,请先撤销那些记录,再撤销这一条。'
    : 'Later records name this household or person: take those back first, then this one.'
}

export async function faultText(e: unknown, language: Language): Promise<string> {
  const { errCode } = await import('@qiaomen/sdk')
  return codeText(errCode(e), language)
}

/** Somebody enrolled in this browser has no PIN: nobody is enrolled beside them. */
export function bareText(names: readonly string[], language: Language): string {
  return language === 'zh'
    ? `${listed(names, language)}也在这里登记过,还没有密码。请本人先在"入户登记"的"我的"里设好密码,再来登记。`
    : `${listed(names, language)} is enrolled here, too, without a PIN: they set one first, under “Me” of the door-to-door page.`
}
