/* Requests on connections of their own: nothing is kept open behind a test's back, so that the
 * server's count of open connections says something. */
import { request } from 'node:http'

export interface Got {
  status: number
  type: string
  retryAfter: string
  body: string
}

export interface Ask {
  method?: string
  headers?: Record<string, string>
  body?: string | Buffer
  timeout_ms?: number
}

/** One request; throws when the connection is refused or cut, or no answer comes in time. */
export function once(url: string, ask: Ask = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const body = ask.body === undefined ? undefined : Buffer.from(ask.body as Buffer)
    const headers = body ? { ...ask.headers, 'content-length': String(body.length) } : ask.headers
    const req = request(url, { method: ask.method ?? 'GET', headers, agent: false, timeout: ask.timeout_ms ?? 30_000 }, (res) => {
      const parts: Buffer[] = []
      res.on('data', (b: Buffer) => parts.push(b))
      res.on('error', reject)
      res.on('close', () => {
        if (!res.complete) reject(new Error('the answer was cut'))
        resolve({
          status: res.statusCode!,
          type: res.headers['content-type'] ?? '',
          retryAfter: res.headers['retry-after'] ?? '',
          body: Buffer.concat(parts).toString('utf8'),
        })
      })
    })
    req.on('timeout', () => req.destroy(new Error('no answer in time')))
    req.on('error', reject)
    req.end(body)
  })
}

/** The last part of the problem type, "" if the answer is none. */
export function problemOf(got: Got): string {
  if (!got.type.startsWith('application/problem+json')) return ''
  return /^\/problems\/(.+)$/.exec((JSON.parse(got.body) as { type: string }).type)?.[1] ?? ''
}

/** A metric without labels. */
export async function metric(url: string, name: string): Promise<number> {
  const { body } = await once(`${url}/metrics`)
  const found = new RegExp(`^${name} (-?[0-9.]+)$`, 'm').exec(body)
  if (!found) throw new Error(`no metric ${name}`)
  return Number(found[1])
}
