/* The parts of the core that need no township: what a status is worth, pace, the shape of `changes`,
 * the table of errors, the transport. */
import { describe, expect, test } from 'vitest'
import * as qm from '../src/index.js'
import { good, GRID, HOUSEHOLD, problem } from './lib/town.js'
import { fileText, HOST } from './lib/vectors.js'

const { utf8 } = qm

describe('what an answer is worth', () => {
  test.each([
    ['batch', 'malformed', 'bytes'],
    ['batch', 'too-large', 'bytes'],
    ['batch', 'media-type', 'bytes'],
    ['batch', 'unknown-key', 'stop'],
    ['batch', 'bad-signature', 'wait'],
    ['changes', 'stale-signature', 'clock'],
    ['batch', 'revoked', 'stop'],
    ['changes', 'forbidden', 'stop'],
    ['batch', 'batch-conflict', 'rebuild'],
    ['batch', 'root-mismatch', 'rebuild'],
    ['changes', 'root-mismatch', 'wait'],
    ['photo', 'digest-mismatch', 'wait'],
    ['photo', 'media-type', 'bytes'],
    ['batch', 'quota-exceeded', 'wait'],
    ['batch', 'overload', 'wait'],
    ['batch', 'log-stopped', 'wait'],
    ['batch', 'internal', 'wait'],
    ['enrol', 'key-taken', 'stop'],
    ['changes', 'malformed', 'wait'],
  ] as const)('%s: %s -> %s', (kind, name, then) => {
    expect(qm.judge(kind, problem(name, { now: 9 }))).toEqual({ err: name, then, nowMs: 9 })
  })
  test('something in between never makes it act, whatever the status', () => {
    for (let status = 201; status < 600; status++) {
      const said = { status, contentType: 'text/html', body: utf8('<html>') }
      expect(qm.judge('batch', said).then).toBe('wait')
      expect(qm.judge('batch', said).err).not.toBe('ok')
    }
    expect(qm.judge('photo', { status: 201, contentType: '', body: new Uint8Array(0) }).then).toBe('read')
  })
  test.each([
    '', '{}', '{"type":"/problems/revoked"', '{"type":"about:blank"}', '{"type":"/problems/nonsense","status":403}',
    '{"type":"/problems/malformed","status":400}', '{"type":"/problems/ok"}', '{"type":"/problems/toString"}',
    '{"type":"/problems/revoked","type":"/problems/revoked"}', '{"type":"/problems/revoked","x":1}',
  ])('no problem of the contract: %s', (body) => {
    expect(qm.judge('batch', { status: 403, contentType: 'application/problem+json', body: utf8(body) }).then).toBe('wait')
  })
})

describe('pace', () => {
  test('doubles up to a quarter of an hour', () => {
    let pace = qm.calmPace()
    let last = 0
    for (let i = 0; i < 40; i++) {
      const window = qm.paceWindow(pace.failures)
      expect(window).toBeGreaterThanOrEqual(last)
      pace = qm.paceFailed(pace, 'offline', 1000, 0.999999)
      expect(pace.nextMs).toBe(1000 + qm.PACE_MIN_MS + Math.floor(0.999999 * window))
      last = window
    }
    expect(last + qm.PACE_MIN_MS).toBe(qm.PACE_MAX_MS)
    expect(qm.paceFailed(pace, 'offline', 0, 0).nextMs).toBe(qm.PACE_MIN_MS)
  })
})

describe('names of logs', () => {
  const origin = `${HOST}/log/140522`
  test.each([['', 1], ['-2', 2], ['-12', 12], ['-1000000', 1000000]] as const)('%s', (tail, tree) => {
    expect(qm.logNameRead(origin + tail, HOST)).toEqual({ county: '140522', tree })
  })
  test.each([
    `${HOST}/log/14052`, `${origin}-1`, `${origin}-`, `${origin}-02`, `${origin}/2`, `x${origin}`, `${HOST}1/log/140522`,
    `${origin}2`, `${origin}-2 `, `${origin}-1000001`, `${HOST}/log/040522`,
  ])('not %s', (name) => expect(qm.outcome(() => qm.logNameRead(name, HOST))).toBe('malformed'))
})

const head = '{"t" : "head", "log" : "x", "size" : 1, "now" : 2, "full" : false}'
const household = {
  t: 'household', household: HOUSEHOLD, grid: GRID, place: 'home', status: 'counted', group: '三组', lane: '', door: '12', head: '王五',
  phone: '138****8000', state: { visited: true, reached: true, notice: 'signed', pledge: 'none', door: 'met' },
}
const resident = {
  t: 'resident', resident: HOUSEHOLD, household: HOUSEHOLD, name: '王五', born: '', phone: '', status: 'counted', groups: ['elder-alone'],
  app: { state: 'none_yet', real_name: false, call_alert: false, sms_alert: false },
}
const rows: Record<string, unknown>[] = [
  household,
  resident,
  { t: 'gone', household: HOUSEHOLD },
  { t: 'text', text: 'notice-2026-1', kind: 'notice', basis: 'law', title: '告知书', body: '…' },
  { t: 'target', metric: 'visited', threshold: 9000, due: '2026-12-31', from: '2026-11-01', prefix: '140522' },
  { t: 'want', sha256: 'ab'.repeat(32), event: '01992178-f800-7a3c-8b1d-2f6e5a4c3b2a' },
  { t: 'verdict', event: '01992178-f800-7a3c-8b1d-2f6e5a4c3b2a', in: false, code: 'double' },
]
const evidence: Record<string, unknown> = { t: 'evidence', metrics: ['app', 'pledge'] }
const answer = (lines: string[]): Uint8Array =>
  utf8([head, ...lines, `{"t":"end","cursor":"7","rows":${lines.length}}`, ''].join('\n'))
const changes = (...lines: unknown[]): qm.Changes => qm.changesRead(answer(lines.map((line) => JSON.stringify(line))))

describe('changes', () => {
  test('every row comes as it is; unknown ones are counted', () => {
    const got = changes(...rows, { t: 'later', any: { thing: [{}] } })
    expect(got.rows).toEqual(rows)
    expect({ ...got, rows: [] }).toEqual({ log: 'x', size: 1n, nowMs: 2, full: false, rows: [], evidence: [], unknown: 1, cursor: '7' })
  })
  test('what asks for photos stands beside the rows', () => {
    expect(changes(...rows, evidence)).toMatchObject({ rows, evidence: ['app', 'pledge'] })
    for (const metrics of [[], ['A b'], Array.from({ length: 65 }, (_, i) => `m${i}`)])
      expect(qm.outcome(() => changes({ ...evidence, metrics }))).toBe('malformed')
  })
  test('cut anywhere, it is thrown away', () => {
    const whole = answer(rows.map((row) => JSON.stringify(row)))
    for (let i = 0; i < whole.length; i++) expect(qm.outcome(() => qm.changesRead(whole.subarray(0, i)))).toBe('proof')
  })
  test.each([...rows, evidence].map((row) => [row['t'] as string, row] as const))('%s: a closed schema', (_, row) => {
    expect(qm.outcome(() => changes({ ...row, more: 1 }))).toBe('malformed')
    for (const name of Object.keys(row).filter((member) => member !== 't')) {
      const { [name]: value, ...without } = row
      expect(qm.outcome(() => changes(without))).toBe('malformed')
      for (const bad of [null, 1.5, 'x'.repeat(70000), [1], {}])
        expect(qm.outcome(() => changes({ ...row, [name]: bad }))).toBe('malformed')
      const twice = JSON.stringify(row).replace(/\}$/, `,${JSON.stringify({ [name]: value }).slice(1)}`)
      expect(qm.outcome(() => qm.changesRead(answer([twice])))).toBe('malformed')
    }
  })
  test('one head, one end, in their places', () => {
    expect(qm.outcome(() => qm.changesRead(answer([head])))).toBe('malformed')
    expect(qm.outcome(() => qm.changesRead(answer(['{"t":"end","cursor":"7","rows":0}'])))).toBe('malformed')
    expect(qm.outcome(() => qm.changesRead(utf8(`${head}\n`)))).toBe('proof')
    expect(qm.outcome(() => qm.changesRead(utf8(`${head}\n{"t":"end","cursor":"7","rows":1}\n`)))).toBe('proof')
  })
})

describe('errors', () => {
  /** Values of one row of wire/err.c; a text may be several literals. */
  function valuesOf(row: string): unknown[] {
    const values: unknown[] = [undefined]
    for (const [token, literal] of row.matchAll(/"((?:[^"\\]|\\.)*)"|\b(?:true|false|[0-9]+)\b|,/g)) {
      const at = values.length - 1
      if (token === ',') values.push(undefined)
      else if (literal === undefined) values[at] = JSON.parse(token)
      else values[at] = `${(values[at] as string | undefined) ?? ''}${literal}`
    }
    return values.slice(0, 7)
  }
  function rowsOfC(): unknown[][] {
    const source = fileText('client-sdk/wire/err.c')
    const table = source.slice(source.indexOf('rows[QM_E_COUNT_] = {'), source.indexOf('static const struct err_row *row_of'))
    return table.split(/\[QM_\w+\] =\s*\{/).slice(2).map(valuesOf)
  }
  test('the table is that of the C code, row by row', () => {
    const inC = rowsOfC()
    expect(inC.length).toBeGreaterThan(30)
    expect(
      qm.errCodes.map((code) => [
        code, qm.errHttp(code), qm.errRetry(code), qm.errText(code, 'zh'), qm.errText(code, 'en'), qm.errTodo(code, 'zh'), qm.errTodo(code, 'en'),
      ]),
    ).toEqual(inC)
  })
  test('nobody is told to clear what the browser keeps: unsent records and the key would go with it', () => {
    const said = qm.errCodes.flatMap((code) => [qm.errTodo(code, 'zh'), qm.errTodo(code, 'en')])
    for (const text of said) expect(text).not.toMatch(/cookie|清除|清理|清空|site data|clear /i)
  })
  test('a fault of the program is told apart', () => {
    expect(qm.errCode(new qm.QmError('busy'))).toBe('busy')
    expect(qm.errCode(new TypeError('x'))).toBe('internal')
    expect(() => qm.outcome(() => JSON.parse('{'))).toThrow(SyntaxError)
  })
})

describe('transport', () => {
  const ask: qm.Ask = { ...qm.askBatch(utf8('body')), answerMaxBytes: 10 }
  const said = (answer: () => Promise<Response>, timeoutMs?: number): Promise<qm.Said> =>
    qm.fetchTransport((_, init) => Promise.race([answer(), gone(init?.signal)]), timeoutMs)('https://a.cn/x', ask)
  const gone = (signal: AbortSignal | null | undefined): Promise<Response> =>
    new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('abort'))))
  test('an answer comes as it is', async () => {
    const headers = { 'content-type': 'text/plain', 'retry-after': '7' }
    const got = await said(() => Promise.resolve(new Response('0123456789', { status: 503, headers })))
    expect(got).toEqual({ status: 503, contentType: 'text/plain', body: utf8('0123456789'), retryAfterS: 7 })
  })
  test('a date is no number of seconds', async () => {
    const headers = { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }
    expect(await said(() => Promise.resolve(new Response('', { headers })))).toMatchObject({ retryAfterS: undefined })
  })
  test('above its cap it is not read', async () => {
    expect(await said(() => Promise.resolve(new Response('0123456789a')))).toEqual({ failed: 'too-large' })
  })
  test('no answer, none in time, one that breaks off', async () => {
    expect(await said(() => Promise.reject(new TypeError('x')))).toEqual({ failed: 'offline' })
    expect(await said(() => new Promise(() => undefined), 1)).toEqual({ failed: 'offline' })
    const broken = new ReadableStream({ pull: (c) => c.error(new Error('reset')) })
    expect(await said(() => Promise.resolve(new Response(broken)))).toEqual({ failed: 'unknown-outcome' })
  })
  test('judged, each is a reason to wait', () => {
    for (const failed of ['offline', 'unknown-outcome', 'too-large'] as const)
      expect(qm.judge('batch', { failed })).toEqual({ err: failed, then: 'wait' })
    expect(qm.judge('batch', good('x')).then).toBe('read')
  })
})
