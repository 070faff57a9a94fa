// What can go wrong between a page and the server, as one class of errors.
//
// code is the last part of the problem's type (RFC 9457): "forbidden", "quota-exceeded", … or one of
// three that no server sends: "offline" (no answer), "timeout" (no answer in time), "malformed-answer"
// (an answer that is none of ours, such as a gateway's page).

export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly title: string,
    readonly retryAfterSeconds: number | null = null,
    readonly detail: string | null = null,
  ) {
    super(`${code}: ${title}`)
    this.name = 'Problem'
  }
}

/** The words of a problem: a key below `problem` of the common words, and what is filled in. */
export function problemWords(e: unknown): { key: string; values: Record<string, string | number> } {
  if (!(e instanceof Problem)) return { key: 'problem.other', values: { title: String(e) } }
  const seconds = e.retryAfterSeconds ?? 10
  switch (e.code) {
    case 'offline':
      return { key: 'problem.offline', values: {} }
    case 'timeout':
      return { key: 'problem.timeout', values: {} }
    case 'log-stopped':
      return { key: 'problem.log_stopped', values: {} }
    case 'overload':
      return { key: 'problem.overload', values: { seconds } }
    case 'quota-exceeded':
      return { key: 'problem.quota', values: { seconds } }
    case 'forbidden':
      return { key: 'problem.forbidden', values: {} }
    case 'not-found':
      return { key: 'problem.not_found', values: {} }
    // The server says in a sentence what does not fit and what to do.
    default:
      if (e.detail !== null) return { key: 'problem.detail', values: { detail: e.detail } }
      return { key: 'problem.other', values: { title: e.title } }
  }
}

/** Can the same request get another answer later?  Not where it was understood and refused; signing in again helps. */
export function againHelps(e: unknown): boolean {
  return !(e instanceof Problem) || e.status < 400 || e.status >= 500 || [401, 408, 429].includes(e.status)
}

function retryAfter(response: Response): number | null {
  const text = response.headers.get('Retry-After')
  return text !== null && /^[0-9]{1,6}$/.test(text) ? Number(text) : null
}

/** The problem of an answer that is no success. */
export async function problemOf(response: Response): Promise<Problem> {
  const wait = retryAfter(response)
  const type = response.headers.get('Content-Type') ?? ''
  if (type.startsWith('application/problem+json')) {
    const body: unknown = await response.json().catch(() => null)
    if (typeof body === 'object' && body !== null) {
      const { type: uri, title, detail } = body as Record<string, unknown>
      if (typeof uri === 'string' && uri.startsWith('/problems/') && typeof title === 'string')
        return new Problem(
          uri.slice('/problems/'.length),
          response.status,
          title,
          wait,
          typeof detail === 'string' ? detail : null,
        )
    }
  }
  return new Problem('malformed-answer', response.status, `HTTP ${response.status}`, wait)
}
