// vue-i18n as the apps use it: common words are global, a page brings its own with useWords.
//
// A page's words stand beside the page, so that they load with it and pages can be written side by
// side.  Missing English is a type error, an unknown key an exception while testing.
//
// All words are kept by one translator, those of a component below a name of its own: a translator for
// each instance costs more than all else that a small component does.  Texts have no other syntax than
// {name}, so vue-i18n comes without its compiler (build/apps.js).
import { getCurrentInstance } from 'vue'
import { createI18n, useI18n, type MessageCompiler, type MessageContext } from 'vue-i18n'
import { languageFirst, languageUse, type Language, type Tree, type Words } from './lang'
import { commonWords } from './words/common'

type Compiled = (values: MessageContext) => string
const compiled = new Map<string, Compiled>()

function compile(text: string): Compiled {
  // Every second part is the name between braces.
  const parts = text.split(/\{\s*(\w+)\s*\}/)
  return (values) => parts.map((part, i) => (i % 2 === 0 ? part : String(values.named(part) ?? ''))).join('')
}

/** "还差{n}户": each text is taken apart once. */
const messageCompiler: MessageCompiler = (message) => {
  if (typeof message !== 'string') throw new TypeError('words are texts')
  let one = compiled.get(message)
  if (one === undefined) compiled.set(message, (one = compile(message)))
  return one
}

export function i18nMake() {
  const i18n = createI18n({
    legacy: false,
    locale: languageFirst(),
    fallbackLocale: 'zh',
    messages: commonWords as Record<Language, Tree>,
    messageCompiler,
    missing: (_locale, key) => {
      if (process.env.NODE_ENV === 'test') throw new Error(`no words for ${key}`)
      return key
    },
  })
  languageUse(i18n.global.locale.value as Language)
  return i18n
}

/** Words without values, by language and key: a table of hundreds of rows says the same few thousands of times. */
const fixed = new Map<string, string>()

/** Adds words below a name to the global ones, unless they are there. */
function useNamed<T extends Tree>(name: string, own: Words<T>) {
  const { t, locale, messages, mergeLocaleMessage } = useI18n({ useScope: 'global' })
  for (const [language, tree] of Object.entries(own))
    if ((messages.value as Record<string, Tree | undefined>)[language]?.[name] === undefined)
      mergeLocaleMessage(language, { [name]: tree })
  const say = (key: string, values?: Record<string, unknown>): string => {
    if (values !== undefined) return t(`${name}.${key}`, values)
    const at = `${locale.value} ${name}.${key}`
    let text = fixed.get(at)
    if (text === undefined) fixed.set(at, (text = t(`${name}.${key}`, {})))
    return text
  }
  return { t: say, common: t, locale }
}

const componentNames = new WeakMap<object, string>()
let components = 0

/** One name for all instances of the component that is being set up. */
function componentName(): string {
  const component = getCurrentInstance()?.type
  if (component === undefined) throw new Error('useWords is for the setup of a component')
  const known = componentNames.get(component)
  if (known !== undefined) return known
  const name = `own_${++components}`
  componentNames.set(component, name)
  return name
}

/** The component's own words; `common` reaches the global ones. */
export function useWords<T extends Tree>(own: Words<T>) {
  return useNamed(componentName(), own)
}

/**
 * Words that several components share, beside those of their own: a component has one set by useWords,
 * and any number of these.
 */
export function useSharedWords<T extends Tree>(name: string, shared: Words<T>) {
  return useNamed(name, shared).t
}

/** The global words, the language and its switch. */
export function useLanguage() {
  const { t, locale } = useI18n({ useScope: 'global' })
  const choose = (language: Language) => {
    locale.value = language
    languageUse(language)
  }
  return { common: t, locale, choose }
}
