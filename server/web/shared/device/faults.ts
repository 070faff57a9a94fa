// A fault in the words of the contract's one table: what happened, and what to do now.
import type { ErrCode } from '@qiaomen/sdk'
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
