// The language of the screen: what was chosen here before, else English only for those whose
// browser asks for English first.  Chinese otherwise.

export const languages = ['zh', 'en'] as const
export type Language = (typeof languages)[number]

const KEY = 'qm.language'

/** Texts in both languages; the Chinese one says which keys there are. */
export type Tree = { [key: string]: string | Tree }
type Same<T> = { [K in keyof T]: T[K] extends string ? string : Same<T[K]> }
export type Words<T extends Tree> = { zh: T; en: Same<T> }

export function words<const T extends Tree>(zh: T, en: Same<T>): Words<T> {
  return { zh, en }
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null // storage is switched off: the choice lasts as long as the page
  }
}

export function languageFirst(): Language {
  const chosen = stored()
  if (chosen === 'zh' || chosen === 'en') return chosen
  return navigator.language.toLowerCase().startsWith('en') ? 'en' : 'zh'
}

/** Says it to browser and screen reader, and keeps it for the next visit. */
export function languageUse(language: Language): void {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
  try {
    localStorage.setItem(KEY, language)
  } catch {
    // as above
  }
}

/** Of a sentence that the server gives in both languages, "English / 中文", the reader's. */
export function ofLanguage(said: string, language: Language): string {
  const both = /^(.*[A-Za-z].*?) \/ ([^/]*[\u4e00-\u9fff].*)$/s.exec(said)
  return both === null ? said : both[language === 'zh' ? 2 : 1]!
}
