// A fault in the words of the contract's one table: what happened, and what to do now.
import type { ErrCode } from '@qiaomen/sdk'
import { listed } from '../format'
import type { Language } from '../lang'

export async function codeText(code: ErrCode, language: Language): Promise<string> {
  const { errText, errTodo } = await import('@qiaomen/sdk')
  const parts = [errText(code, language), errTodo(code, language)]
  return language === 'zh' ? `${parts.join('。')}。` : `${parts.join('. ')}.`
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
