// What public pages share: title, language switch, words of problems.
import '@shared/theme.css'
import './page.css'
import { problemWords } from '@shared/api/problem'
import { languageFirst, languageUse, type Language } from '@shared/lang'
import { commonWords } from '@shared/words/common'
import { button, el } from './dom'

export let language: Language = languageFirst()

/** Draws the page anew with title and body; again after each change of the language. */
export function page(title: () => string, body: () => Node[]): () => void {
  const app = document.getElementById('app')!
  const draw = () => {
    languageUse(language)
    document.title = title()
    const other = language === 'zh' ? 'en' : 'zh'
    const change = button(commonWords[other].language[other], () => {
      language = other
      draw()
    })
    change.lang = other === 'zh' ? 'zh-CN' : 'en'
    app.replaceChildren(el('div', { class: 'top' }, el('h1', {}, title()), change), ...body())
  }
  return draw
}

/** A problem in words; the few that are filled in are filled in here. */
export function problemText(e: unknown): string {
  const { key, values } = problemWords(e)
  const word = key.slice('problem.'.length) as keyof (typeof commonWords)['zh']['problem']
  return commonWords[language].problem[word].replace(/\{([a-z]+)\}/g, (_all, name: string) => String(values[name] ?? ''))
}
