// Reads of the API with the types of its description: `read('/v1/coverage', { query: … })` knows
// the path, its parameters and what comes back.
import type { paths } from './schema'
import { bodyOf, send, sendJson, type Ask } from './http'

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

function asked<P extends Readable>(path: P, { query, path: values, headers, signal }: Options<P>): [string, Ask] {
  const ask = {
    ...(query === undefined ? {} : { query: query as Record<string, string> }),
    ...(headers === undefined ? {} : { headers }),
    ...(signal === undefined ? {} : { signal }),
  }
  return [pathFill(path, values as Record<string, unknown> | undefined), ask]
}

export function read<P extends Readable>(path: P, options: Options<P> = {}): Promise<Answer<P>> {
  return sendJson<Answer<P>>(...asked(path, options))
}

/** The same where there may be nothing yet (204): then null. */
export async function readIfAny<P extends Readable>(path: P, options: Options<P> = {}): Promise<Answer<P> | null> {
  const response = await send(...asked(path, options))
  return response.status === 204 ? null : bodyOf<Answer<P>>(response)
}
