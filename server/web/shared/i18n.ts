// vue-i18n as the apps use it: common words are global, a page brings its own with useWords.
//
// A page's words stand beside the page, so that they load with it and pages can be written side by
// side.  Missing English is a type error, an unknown key an exception while testing.
import { createI18n, useI18n } from 'vue-i18n'
import { languageFirst, languageUse, type Language, type Tree, type Words } from './lang'
import { commonWords } from './words/common'

export function i18nMake() {
  const i18n = createI18n({
    legacy: false,
    locale: languageFirst(),
    fallbackLocale: 'zh',
    messages: commonWords as Record<Language, Tree>,
    missing: (_locale, key) => {
      if (process.env.NODE_ENV === 'test') throw new Error(`no words for ${key}`)
      return key
    },
  })
  languageUse(i18n.global.locale.value as Language)
  return i18n
}

/** The page's own words; `common` reaches the global ones. */
export function useWords<T extends Tree>(own: Words<T>) {
  const { t } = useI18n({
    useScope: 'local',
    inheritLocale: true,
    messages: own as unknown as Record<Language, Tree>,
  })
  const { t: common, locale } = useI18n({ useScope: 'global' })
  return { t, common, locale }
}

/**
 * Words that several components share, beside those of their own: a component has one set by useWords,
 * and any number of these.  They are kept below `name` of the global words.
 */
export function useSharedWords<T extends Tree>(name: string, shared: Words<T>) {
  const { t, messages, mergeLocaleMessage } = useI18n({ useScope: 'global' })
  for (const [language, tree] of Object.entries(shared))
    if ((messages.value as Record<string, Tree | undefined>)[language]?.[name] === undefined)
      mergeLocaleMessage(language, { [name]: tree })
  return (key: string, values: Record<string, unknown> = {}) => t(`${name}.${key}`, values)
}

/** The language and its switch. */
export function useLanguage() {
  const { locale } = useI18n({ useScope: 'global' })
  const choose = (language: Language) => {
    locale.value = language
    languageUse(language)
  }
  return { locale, choose }
}
