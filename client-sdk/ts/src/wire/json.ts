/* json.ts - floor 0: a strict reader of small closed JSON objects (RFC 8259).
 *
 * Duplicate members, unknown members, missing members, wrong types, numbers that are no plain
 * integers, half surrogate pairs, U+0000 and anything behind the object are refused with `malformed`.
 * JSON.parse takes duplicates and rounds large numbers, so it is not used for what a server or a file
 * brings.  The shape stands in a table; the objects of the contract nest one level at most.
 */
import { isSoundText, utf8Length, utf8Read } from './bytes.js'
import { INT_MAX } from './codec.js'
import { QmError } from './err.js'

export type Shape =
  | { type: 'int'; lo: number; hi: number }
  | { type: 'bool' }
  /** lo..hi bytes of UTF-8 */
  | { type: 'string'; lo: number; hi: number }
  /** lo..hi members */
  | { type: 'strings'; lo: number; hi: number }
  | { type: 'object'; members: Members }
export type Member = Shape & { optional?: true }
export type Members = { readonly [name: string]: Member }

type ValueOf<S extends Shape> = S extends { type: 'int' }
  ? number
  : S extends { type: 'bool' }
    ? boolean
    : S extends { type: 'string' }
      ? string
      : S extends { type: 'strings' }
        ? string[]
        : S extends { type: 'object'; members: infer M extends Members }
          ? Parsed<M>
          : never
type OptionalNames<M extends Members> = { [K in keyof M]: M[K] extends { optional: true } ? K : never }[keyof M]
/** What an object of this table is read as. */
export type Parsed<M extends Members> = {
  -readonly [K in Exclude<keyof M, OptionalNames<M>>]: ValueOf<M[K]>
} & { -readonly [K in OptionalNames<M>]?: ValueOf<M[K]> }

export const int = (lo: number, hi: number) => ({ type: 'int', lo, hi }) as const
export const bool = { type: 'bool' } as const
export const string = (lo: number, hi: number) => ({ type: 'string', lo, hi }) as const
export const strings = (lo: number, hi: number) => ({ type: 'strings', lo, hi }) as const
export const object = <const M extends Members>(members: M) => ({ type: 'object', members }) as const
export const optional = <const S extends Shape>(shape: S) => ({ ...shape, optional: true }) as const

const SPACE = /[ \t\n\r]*/y
const INTEGER = /-?(?:0|[1-9][0-9]*)(?![0-9.eE])/y
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y

class Reader {
  private at = 0

  constructor(private readonly text: string) {}

  fail(): never {
    throw new QmError('malformed', 'not the JSON that it should be')
  }

  private match(form: RegExp): string {
    form.lastIndex = this.at
    const found = form.exec(this.text) ?? this.fail()
    this.at += found[0].length
    return found[0]
  }

  space(): void {
    this.match(SPACE)
  }

  /** Takes the token, with the space before it, if it is next. */
  skip(token: string): boolean {
    this.space()
    if (!this.text.startsWith(token, this.at)) return false
    this.at += token.length
    return true
  }

  take(token: string): void {
    if (!this.skip(token)) this.fail()
  }

  end(): void {
    this.space()
    if (this.at !== this.text.length) this.fail()
  }

  string(): string {
    this.space()
    // The form is exact, so that JSON.parse only undoes the escapes.
    const value = JSON.parse(this.match(STRING)) as string
    return isSoundText(value) ? value : this.fail()
  }

  int(lo: number, hi: number): number {
    this.space()
    const value = Number(this.match(INTEGER))
    if (Math.abs(value) > INT_MAX || value < lo || value > hi) this.fail()
    return value === 0 ? 0 : value // never -0
  }

  strings(): string[] {
    const out: string[] = []
    this.take('[')
    if (this.skip(']')) return out
    do out.push(this.string())
    while (this.skip(','))
    this.take(']')
    return out
  }

  value(shape: Shape): unknown {
    switch (shape.type) {
      case 'int':
        return this.int(shape.lo, shape.hi)
      case 'bool':
        if (this.skip('true')) return true
        this.take('false')
        return false
      case 'string': {
        const text = this.string()
        const bytes = utf8Length(text)
        return bytes >= shape.lo && bytes <= shape.hi ? text : this.fail()
      }
      case 'strings': {
        const list = this.strings()
        return list.length >= shape.lo && list.length <= shape.hi ? list : this.fail()
      }
      case 'object':
        return this.object(shape.members)
    }
  }

  object(members: Members): Record<string, unknown> {
    const out: Record<string, unknown> = {}
    const has = (o: object, name: string): boolean => Object.prototype.hasOwnProperty.call(o, name)
    this.take('{')
    if (!this.skip('}')) {
      do {
        const name = this.string()
        if (!has(members, name) || has(out, name)) this.fail()
        this.take(':')
        out[name] = this.value(members[name]!)
      } while (this.skip(','))
      this.take('}')
    }
    for (const name of Object.keys(members))
      if (!members[name]!.optional && !has(out, name)) this.fail()
    return out
  }
}

export function jsonRead<const M extends Members>(bytes: Uint8Array, members: M): Parsed<M> {
  const reader = new Reader(utf8Read(bytes))
  const out = reader.object(members)
  reader.end()
  return out as Parsed<M>
}

/** A quoted, escaped JSON string; `invalid` for text that UTF-8 cannot carry. */
export function jsonQuote(text: string): string {
  if (!isSoundText(text)) throw new QmError('invalid', 'text')
  return JSON.stringify(text)
}
