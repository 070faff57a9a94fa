// Every word of the pages is said somewhere: a word file that keeps what no page says any more misleads
// whoever translates or words it anew.
//
// A key counts as used if a file that has the words, or a file that this one imports, names it: as a whole
// ('miss.day') or by a pattern (`miss.${what}`).  A name that is put together elsewhere has to stand in BUILT.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

const web = fileURLToPath(new URL('..', import.meta.url))
/** Said as the server names a state. */
const BUILT = ['published', 'accepted', 'dismissed'].map((state) => `office/pages/bulletin/bulletin_words.ts: ${state}`)
const APPS = ['office', 'phone', 'public', 'shared'] as const

interface Page {
  path: string
  code: ts.SourceFile
  text: string
}
interface WordSet {
  page: Page
  /** as others import it; '' for the words of one component */
  name: string
  keys: string[]
  at: [number, number]
}

function pagesOf(folder: string): Page[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|vue)$/.test(name) && !/\.test\.ts$|schema\.d\.ts$/.test(name))
    .map((name) => {
      const path = join(folder, name)
      const text = readFileSync(path, 'utf8')
      const script = name.endsWith('.vue') ? (/<script[^>]*>(.*?)<\/script>/s.exec(text)?.[1] ?? '') : text
      return { path, text, code: ts.createSourceFile(name, script, ts.ScriptTarget.Latest, true) }
    })
}

function* nodes(at: ts.Node): Generator<ts.Node> {
  yield at
  for (const child of at.getChildren()) yield* nodes(child)
}

/** "miss.day" of { miss: { day: '…' } } */
function keysOf(tree: ts.ObjectLiteralExpression): string[] {
  return tree.properties.filter(ts.isPropertyAssignment).flatMap((p) => {
    const key = ts.isStringLiteral(p.name) || ts.isIdentifier(p.name) ? p.name.text : p.name.getText()
    if (ts.isObjectLiteralExpression(p.initializer)) return keysOf(p.initializer).map((rest) => `${key}.${rest}`)
    // What is not a text here is a set of words from elsewhere.
    return [ts.isStringLiteralLike(p.initializer) ? key : `${key}.`]
  })
}

function setsOf(page: Page): WordSet[] {
  return [...nodes(page.code)].flatMap((n) => {
    if (!ts.isCallExpression(n) || n.expression.getText() !== 'words' || n.arguments[0] === undefined) return []
    const [zh] = n.arguments
    if (!ts.isObjectLiteralExpression(zh)) return []
    const name = ts.isVariableDeclaration(n.parent) ? n.parent.name.getText() : ''
    return [{ page, name, keys: keysOf(zh), at: [n.getStart(), n.end] }]
  })
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
/** What a file names outside of its words: texts, and patterns of texts put together. */
function namedIn(page: Page, sets: WordSet[]): { texts: Set<string>; patterns: RegExp[] } {
  const own = sets.filter((s) => s.page === page)
  const script = own.reduceRight((code, { at }) => code.slice(0, at[0]) + code.slice(at[1]), page.code.text)
  const template = page.path.endsWith('.vue') ? (/<template>.*<\/template>/s.exec(page.text)?.[0] ?? '') : ''
  const bare = script.replace(/\/\*.*?\*\/|\/\/[^\n]*/gs, '') + template
  const texts = new Set([...bare.matchAll(/'([^'\n]*)'/g)].map((m) => m[1]!))
  const patterns = [...bare.matchAll(/`([^`]*)`/g)]
    .map((m) => m[1]!.split(/\$\{[^}]*\}/))
    .filter((parts) => parts.join('').includes('.') || /^\w+_$/.test(parts[0]!))
    .map((parts) => new RegExp(`^${parts.map(escaped).join('.+')}$`))
  return { texts, patterns }
}

function importsOf(page: Page, all: Page[]): Page[] {
  const wanted = [...page.code.text.matchAll(/from '([^']+)'/g)].map(([, from]) =>
    from!.startsWith('@shared/') ? join(web, 'shared', from!.slice(8)) : resolve(dirname(page.path), from!),
  )
  return all.filter((p) => wanted.includes(p.path) || wanted.includes(p.path.replace(/\.ts$/, '')))
}

const all = APPS.flatMap((app) => pagesOf(join(web, app)))
const sets = all.flatMap(setsOf)

/** Those that are taken as a whole, `name.zh.part` or `name[language]`, need no names of their own. */
function isWhole(key: string, name: string, users: Page[]): boolean {
  const part = key.split('.')[0]!
  return name !== '' && users.some(({ code }) => code.text.includes(`${name}[`) || code.text.includes(`${name}.zh.${part}`))
}

/** The keys of a set that nothing names. */
function unused({ page, name, keys }: WordSet): string[] {
  const users = name === '' ? [page] : name === 'commonWords' ? all : all.filter((p) => new RegExp(`\\b${name}\\b`).test(p.code.text))
  const near = [...new Set(users.flatMap((p) => [p, ...importsOf(p, all)]))].map((p) => namedIn(p, sets))
  return keys
    .filter((key) => !near.some(({ texts, patterns }) => texts.has(key) || patterns.some((p) => p.test(key.endsWith('.') ? `${key}x` : key))))
    .filter((key) => !isWhole(key, name, users))
    .map((key) => `${relative(web, page.path)}: ${key}`)
    .filter((key) => !BUILT.includes(key))
}

test('the word files were found and read', () => {
  expect(sets.length).toBeGreaterThan(50)
  expect(sets.find((s) => s.name === 'doorPageWords')!.keys).toContain('miss.day')
})

test('every word is said by some page', () => {
  expect(sets.flatMap(unused)).toEqual([])
})

test('a word that nobody says is found', () => {
  const some = sets.find((s) => s.name === 'doorPageWords')!
  expect(unused({ ...some, keys: ['miss.day', 'nobody_says_this'] })).toEqual(['phone/pages/door_words.ts: nobody_says_this'])
})
