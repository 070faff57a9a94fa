// Reads of the API with the types of its description: `read('/v1/coverage', { query: … })` knows
// the path, its parameters and what comes back.
import type { paths } from './schema'
import { sendJson } from './http'

type Op<P extends keyof paths> = paths[P] extends { get: infer G } ? G : never
type Params<O> = O extends { parameters: infer P } ? P : never
type Query<O> = Params<O> extends { query?: infer Q } ? NonNullable<Q> : never
type Path<O> = Params<O> extends { path: infer P } ? P : never
type Json<O> = O extends { responses: { 200: { content: { 'application/json': infer J } } } } ? J : never

/** Paths that answer a GET with JSON. */
export type Readable = { [P in keyof paths]: Json<Op<P>> extends never ? never : P }[keyof paths]
export type Answer<P extends Readable> = Json<Op<P>>

interface Options<P extends Readable> {
  query?: Query<Op<P>>
  path?: Path<Op<P>>
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** Fills {names} of a path; each value is one part of it. */
export function pathFill(path: string, values: Record<string, unknown> = {}): string {
  return path.replace(/\{([a-z0-9_]+)\}/gi, (_whole, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`${path}: no ${name}`)
    return encodeURIComponent(String(value))
  })
}

export function read<P extends Readable>(path: P, options: Options<P> = {}): Promise<Answer<P>> {
  const { query, path: values, headers, signal } = options
  return sendJson<Answer<P>>(pathFill(path, values as Record<string, unknown> | undefined), {
    ...(query === undefined ? {} : { query: query as Record<string, string> }),
    ...(headers === undefined ? {} : { headers }),
    ...(signal === undefined ? {} : { signal }),
  })
}
