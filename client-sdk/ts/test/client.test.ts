/* The client on an IndexedDB in memory and a township in memory: what pages see. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as qm from '../src/index.js'
import { Place } from './lib/place.js'
import { CODE, GRID, HOUSEHOLD, problem, SERVER, text, Town } from './lib/town.js'
import { HOST } from './lib/vectors.js'

const DAY_MS = 86400000
const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2, 3)
const OTHER = 'AAECAwQFBgcICQoLDA0ODw'
const PERSON = 'EBESExQVFhcYGRobHB0eHw'

let town: Town
let place: Place
let client: qm.QmClient
const opened: qm.QmClient[] = []

async function open(worker: string, more: Partial<qm.OpenOptions> = {}): Promise<qm.QmClient> {
  const one = await qm.QmClient.open({ worker, platform: place, ...more })
  opened.push(one)
  return one
}
const LINK = `${SERVER}/app/#enrol=${CODE}`

const household = (id: string, door: string, more: object = {}): string =>
  JSON.stringify({
    t: 'household', household: id, grid: GRID, place: 'home', status: 'counted', group: '一组', lane: '东街', door, head: '王五', phone: '138****0001',
    state: { visited: false, reached: false, notice: 'none', pledge: 'none', door: 'none_yet' }, ...more,
  })
const resident = (id: string, of: string, more: object = {}): string =>
  JSON.stringify({
    t: 'resident', resident: id, household: of, name: '王小五', born: '1990-01-01', phone: '', status: 'counted', groups: ['student'],
    app: { state: 'none_yet', real_name: false, call_alert: false, sms_alert: false }, ...more,
  })
const notice = JSON.stringify({ t: 'text', text: 'notice-2026-1', kind: 'notice', basis: 'household', title: '告知书', body: '…' })
const target = JSON.stringify({ t: 'target', metric: 'visited', threshold: 9500, due: '2026-12-31', from: '2026-11-01', prefix: '140522' })

const visit = (): Promise<qm.RecordedAs> => client.record('visit', { household: HOUSEHOLD, outcome: 'met', near: 'yes' }, { met: '王五' })
const states = async (): Promise<string[]> => (await client.records()).reverse().map((r) => (r.code === '' ? r.state : `${r.state} ${r.code}`))

beforeEach(async () => {
  town = new Town()
  town.rows = [household(HOUSEHOLD, '2号'), household(OTHER, '10号', { group: '二组', head: '李四' }), resident(PERSON, HOUSEHOLD), notice, target]
  place = new Place(town)
  client = await open(await new qm.Workers(place).add('王网格员'))
  expect(await client.enrol(LINK, SERVER, HOST)).toBe('ok')
  expect((await client.sync()).err).toBe('ok')
  town.rows = []
})
afterEach(() => {
  opened.splice(0).forEach((one) => one.close())
  Place.held.clear()
})

describe('enrolment', () => {
  test('link, code alone, nonsense', async () => {
    expect(qm.enrolLinkRead(LINK)).toEqual({ server: SERVER, code: CODE })
    expect(qm.enrolLinkRead(` ${CODE} `)).toEqual({ code: CODE })
    await expect(client.enrol(LINK)).rejects.toMatchObject({ code: 'exists' })
    await client.setPin('', '1357')
    const other = await open(await new qm.Workers(place).add('李', '2468'), { pin: '2468' })
    await expect(other.enrol(CODE)).rejects.toMatchObject({ code: 'invalid' })
    await expect(other.enrol('nonsense', SERVER)).rejects.toMatchObject({ code: 'invalid' })
    await expect(other.record('visit', { household: HOUSEHOLD, outcome: 'met' })).rejects.toMatchObject({ code: 'not-enrolled' })
    expect(await other.sync()).toMatchObject({ err: 'not-enrolled' })
    expect(await other.enrol(CODE, SERVER, HOST)).toBe('ok')
  })
})

describe('the list of doors', () => {
  test('what was refused is not asked for again, what was removed is', async () => {
    const open = async (): Promise<string[]> => (await client.households({ text: '王小五' }))[0]!.open
    await client.record('visit', { household: HOUSEHOLD, outcome: 'refused' })
    expect(await open()).toEqual(['notice', 'pledge', 'app'])
    await client.record('app', { household: HOUSEHOLD, resident: PERSON, state: 'refused' })
    expect(await open()).toEqual(['notice', 'pledge'])
    await client.record('app', { household: HOUSEHOLD, resident: PERSON, state: 'removed' })
    expect(await open()).toEqual(['notice', 'pledge', 'app'])
  })

  test('in the order of group, lane, number, with what is open', async () => {
    town.rows = [household('IiMkJSYnKCkqKywtLi8wMQ', '1号')]
    await client.sync()
    const list = await client.households()
    expect(list.map((h) => h.group + h.door_label)).toEqual(['一组1号', '一组2号', '二组10号'])
    expect(list[1]!.open).toEqual(['visit', 'notice', 'pledge', 'app'])
    expect(list[1]!.residents[0]).toMatchObject({ name: '王小五', inAge: true, state: 'none_yet' })
    expect((await client.households({ text: '李' })).length).toBe(1)
    expect((await client.households({ group: '二组', text: '10号' })).length).toBe(1)
    expect((await client.households({ text: '王小五' })).map((h) => h.household)).toEqual([HOUSEHOLD])
  })

  test('own records count at once, and an undo takes them back', async () => {
    const made = await visit()
    await client.record('notice', { household: HOUSEHOLD, state: 'left' })
    await client.record('app', { household: HOUSEHOLD, resident: PERSON, state: 'refused' })
    const door = await client.household(HOUSEHOLD)
    expect(door).toMatchObject({ visited: true, reached: true, notice: 'left', pledge: 'none', door: 'met', waiting: 3, open: ['pledge'] })
    expect(door!.residents[0]!.state).toBe('refused')
    expect((await client.households({ left: true }))[0]).toEqual(door)
    expect(await client.undo(made.event)).toBe('removed')
    expect(await client.household(HOUSEHOLD)).toMatchObject({ visited: false, door: 'none_yet', waiting: 2 })
    expect((await client.status()).gaps).toEqual([])
  })

  test('a confirmed record stays in the states until the office has it in its own', async () => {
    await visit()
    expect((await client.sync({ what: ['records'] })).confirmed).toBe(1)
    expect(await client.household(HOUSEHOLD)).toMatchObject({ visited: true, waiting: 0 })
    town.rows = [household(HOUSEHOLD, '2号', { state: { visited: true, reached: true, notice: 'none', pledge: 'none', door: 'met' } })]
    await client.sync()
    expect(await client.household(HOUSEHOLD)).toMatchObject({ visited: true, waiting: 0 })
    expect(await client.undo((await client.records())[0]!.event)).toBe('voided')
    expect(await client.household(HOUSEHOLD)).toMatchObject({ correcting: true, waiting: 1 })
  })

  test('a new household with its people is there at once, and cannot be undone below later records', async () => {
    const home = await client.record('household', { place: 'home', why: 'found' }, { name: '新户主', door: '新1号', phone: '13800000000' })
    const person = await client.record('resident', { household: home.household, why: 'found' }, { name: '新人', born: '2000-02-29' })
    const seen = await client.household(home.household)
    expect(seen).toMatchObject({ local: true, head: '新户主', door_label: '新1号', grid: GRID })
    expect(seen!.residents[0]).toMatchObject({ resident: person.resident, name: '新人', inAge: true, local: true })
    await expect(client.undo(home.event)).rejects.toMatchObject({ code: 'conflict' })
    expect(await client.undo(person.event)).toBe('removed')
    expect(await client.undo(home.event)).toBe('removed')
    expect(await client.household(home.household)).toBeUndefined()
  })

  test('what is gone goes with its people', async () => {
    town.rows = [JSON.stringify({ t: 'gone', household: HOUSEHOLD })]
    await client.sync()
    expect((await client.households()).map((h) => h.household)).toEqual([OTHER])
    expect((await client.texts('notice')).length).toBe(1)
    expect(await client.targets()).toMatchObject([{ metric: 'visited', threshold: 9500 }])
  })
})

describe('recording', () => {
  test('a whole door is one transaction: a member at fault leaves nothing', async () => {
    const good = { kind: 'visit' as const, members: { household: HOUSEHOLD, outcome: 'met' as const } }
    const bad = { kind: 'notice' as const, members: { household: HOUSEHOLD, text: 'UPPER' } }
    await expect(client.recordAll([good, bad])).rejects.toMatchObject({ code: 'invalid' })
    expect((await client.status()).counts.waiting).toBe(0)
    const made = await client.recordAll([good, good])
    expect(made.map((r) => r.seq)).toEqual([1, 2])
    expect(made[1]!.at).toBeGreaterThan(made[0]!.at)
  })

  test('a clock that is set back does not set `at` back', async () => {
    const first = await visit()
    place.offsetMs = -2 * DAY_MS
    expect((await visit()).at).toBe(first.at + 1)
  })

  test('two tabs never give one number twice', async () => {
    const second = await open(client.worker)
    const made = await Promise.all(
      Array.from({ length: 40 }, (_, i) => (i % 2 ? client : second).record('visit', { household: HOUSEHOLD, outcome: 'absent' })),
    )
    expect(new Set(made.map((r) => r.seq)).size).toBe(40)
    expect((await client.status()).gaps).toEqual([])
    expect(new Set(made.map((r) => r.at)).size).toBe(40)
  })

  test('an undo closes the gap; those behind it keep id, time and link', async () => {
    const made = [await visit(), await visit(), await visit()]
    expect(await client.undo(made[1]!.event)).toBe('removed')
    const rest = (await client.records()).reverse()
    expect(rest.map((r) => [r.event, r.content.seq, r.content.at])).toEqual([[made[0]!.event, 1, made[0]!.at], [made[2]!.event, 2, made[2]!.at]])
    expect(await client.link(made[2]!.event)).toBe(made[2]!.link)
    expect((await client.sync()).confirmed).toBe(2)
    await expect(client.undo(made[1]!.event)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('an undo in another tab does not spoil a batch that is being signed', async () => {
    await visit()
    const gone = await visit()
    await visit()
    const second = await open(client.worker)
    const outbox = (client as unknown as { outbox: qm.OutboxPort }).outbox
    const waiting = outbox.waiting.bind(outbox)
    let undone = false
    outbox.waiting = async (max) => {
      const read = await waiting(max)
      if (!undone) await second.undo(gone.event)
      undone = true
      return read
    }
    expect((await client.sync()).confirmed).toBe(2)
    expect(await states()).toEqual(['confirmed', 'confirmed'])
  })

  test('without a network no batch is formed, so that an undo is an undo', async () => {
    place.unplugged = true
    const made = await visit()
    place.asked = []
    expect((await client.sync()).err).toBe('offline')
    expect(place.asked).toEqual([])
    expect((await client.records())[0]!.undoable).toBe(true)
    expect(await client.undo(made.event)).toBe('removed')
    place.unplugged = false
    await visit()
    expect(await client.sync()).toMatchObject({ err: 'ok', confirmed: 1 })
  })

  test('after a batch was formed, an undo is a void', async () => {
    const made = await visit()
    place.network = () => Promise.reject(new Error('no network'))
    await client.sync()
    expect((await client.records())[0]!.undoable).toBe(false)
    expect(await client.undo(made.event)).toBe('voided')
    expect(await client.undo(made.event)).toBe('voided')
    expect((await client.records()).map((r) => r.content.kind)).toEqual(['void', 'visit'])
    expect(await client.household(HOUSEHOLD)).toMatchObject({ visited: false })
  })

  test('photos: kinds, sizes, the same one twice, undone with their record', async () => {
    await expect(client.attach(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({ code: 'invalid' })
    await expect(client.attach(qm.concat(JPEG, new Uint8Array(1 << 20)))).rejects.toMatchObject({ code: 'too-large' })
    const name = await client.attach(new Blob([JPEG]))
    expect(await client.attach(JPEG)).toBe(name)
    await visit()
    const made = await client.record('notice', { household: HOUSEHOLD, evidence: [name] })
    expect((await client.records({ withPhotos: true })).map((r) => r.event)).toEqual([made.event])
    expect(await client.photo(name)).toEqual({ bytes: JPEG, type: 'image/jpeg' })
    await client.undo(made.event)
    expect(await client.photos()).toEqual([])
    await client.attach(JPEG)
    await client.record('notice', { household: HOUSEHOLD, evidence: [name] })
    expect(await client.sync()).toMatchObject({ err: 'ok', photos: 1 })
    expect(town.photos.get(name)).toEqual(JPEG)
    town.rows = [JSON.stringify({ t: 'want', sha256: name, event: made.event })]
    expect(await client.sync()).toMatchObject({ photos: 1 })
    expect(await client.wants()).toEqual([])
  })
})

describe('sync', () => {
  test('states, words, receipts, links', async () => {
    const made = await Promise.all([visit(), visit(), visit(), visit()])
    town.verdicts = ['1 hold scope', '2 flag late,seq', '3 reject private']
    await client.sync()
    expect(await states()).toEqual(['confirmed', 'held scope', 'flagged late,seq', 'rejected private'])
    const [rejected, flagged, held, confirmed] = await client.records()
    expect([confirmed!.word, held!.word, flagged!.word, rejected!.word]).toEqual(['已入账', '待核实', '请说明', '未收下'])
    expect(held!.todo).toMatch(/不在您负责的网格/)
    expect(flagged!.todo).toMatch(/三十天以上/)
    expect(confirmed!.hidden).toMatchObject({ met: '王五' })
    const event = confirmed!.event
    const receipt = (await client.receipt(event))!
    qm.receiptVerify(receipt.batch, qm.vkeyRead(receipt.logKey))
    expect(text(qm.receiptVerify(receipt.single, qm.vkeyRead(receipt.deviceKey!)).extra)).toContain(event)
    expect(await client.receipt(rejected!.event)).toBeUndefined()
    expect(await client.link(event)).toBe(made.find((r) => r.event === event)!.link)
    expect(made[0]!.link).toMatch(new RegExp(`^https://${HOST}/r/#${made[0]!.event}\\.[A-Za-z0-9_-]{22}$`))
    expect((await client.status()).counts).toEqual({ waiting: 0, confirmed: 1, held: 1, flagged: 1, rejected: 1 })
  })

  test('a decision of the office is shown', async () => {
    const made = await visit()
    town.verdicts = ['0 hold moved']
    await client.sync()
    town.rows = [JSON.stringify({ t: 'verdict', event: made.event, in: true, code: 'ok' })]
    await client.sync()
    expect((await client.records())[0]).toMatchObject({ state: 'confirmed', decided: true, code: 'ok' })
    town.rows = [JSON.stringify({ t: 'verdict', event: made.event, in: false, code: 'twice' })]
    await client.sync()
    expect((await client.records())[0]).toMatchObject({ state: 'rejected', code: 'twice' })
    expect((await client.status()).counts).toMatchObject({ rejected: 1, held: 0 })
  })

  test('without a network the same bytes wait, and go when it is back', async () => {
    await visit()
    let answered = 0
    place.network = async (kind, answer) => {
      if (kind === 'batch') answered++
      await answer()
      throw new Error('lost')
    }
    expect(await client.sync()).toMatchObject({ err: 'offline' })
    expect((await client.status()).next).toMatchObject({ why: 'offline' })
    expect(await client.sync()).toMatchObject({ err: 'offline', exchanges: 0 })
    await client.sync({ now: true })
    expect(answered).toBe(2)
    expect(town.arrived.size).toBe(1)
    place.network = (_, answer) => answer()
    expect(await client.sync({ now: true })).toMatchObject({ err: 'ok', confirmed: 1 })
    expect(town.arrived.size).toBe(1)
  })

  test('revoked in mid-work: stopped, told, everything kept, recording goes on', async () => {
    await visit()
    place.network = (kind, answer) => (kind === 'batch' ? Promise.resolve(problem('revoked')) : answer())
    expect(await client.sync()).toMatchObject({ err: 'revoked' })
    expect(await client.status()).toMatchObject({ stopped: 'revoked', counts: { waiting: 1 } })
    await visit()
    expect((await client.records()).length).toBe(2)
    place.network = (_, answer) => answer()
    expect(await client.sync()).toMatchObject({ err: 'revoked', exchanges: 0 })
    await client.tryAgain()
    expect(await client.sync()).toMatchObject({ confirmed: 2 })
  })

  test('unknown key: a new enrolment takes over what waits', async () => {
    await visit()
    place.network = (kind, answer) => (kind === 'batch' ? Promise.resolve(problem('unknown-key')) : answer())
    await client.sync()
    place.network = (_, answer) => answer()
    const before = (await client.status()).device
    expect(await client.enrol(CODE, SERVER, HOST)).toBe('ok')
    expect((await client.status()).device).not.toBe(before)
    expect(await client.sync()).toMatchObject({ err: 'ok', confirmed: 1 })
  })

  test('a batch that is refused for one line comes through line by line', async () => {
    for (let i = 0; i < 3; i++) await visit()
    place.network = async (kind, answer) => (kind === 'batch' && town.arrived.size === 0 && (await sizeOf()) > 1 ? problem('malformed') : answer())
    const sizeOf = async (): Promise<number> => (await (client as unknown as { outbox: qm.OutboxPort }).outbox.openBatch())!.lines.length
    expect((await client.sync()).confirmed).toBe(3)
    expect(town.arrived.size).toBe(3)
  })

  test('another tab is at it', async () => {
    await visit()
    const second = await open(client.worker)
    const [one, two] = await Promise.all([client.sync(), second.sync()])
    expect([one.err, two.err].sort()).toEqual(['busy', 'ok'])
    expect(one.confirmed + two.confirmed).toBe(1)
  })

  test('the caller may end a round between two exchanges', async () => {
    await client.attach(JPEG)
    await visit()
    const abort = new AbortController()
    const report = await client.sync({ signal: abort.signal, progress: () => abort.abort() })
    expect(report).toMatchObject({ exchanges: 1, confirmed: 1 })
    expect((await client.status()).photos.waiting).toBe(1)
  })

  test('in the background: after a record, with the pace, until it is ended', async () => {
    const end = client.keepSyncing()
    const settle = async (): Promise<void> => {
      for (let i = 0; i < 200 && (await client.status()).counts.waiting > 0; i++) {
        place.ring()
        await client.sync().catch(() => undefined)
      }
    }
    let failures = 3
    place.network = (kind, answer) => (kind === 'batch' && failures-- > 0 ? Promise.resolve(problem('overload')) : answer())
    await visit()
    await settle()
    expect((await client.status()).counts).toMatchObject({ waiting: 0, confirmed: 1 })
    end()
    expect(place.timers).toEqual([])
    expect(place.awake.size).toBe(0)
  })

  test('changes are heard, also in another tab', async () => {
    const second = await open(client.worker)
    const heard: string[] = []
    second.on((change) => heard.push(change))
    await visit()
    await client.sync()
    expect(new Set(heard)).toEqual(new Set(['records', 'state']))
    expect((await second.records())[0]!.state).toBe('confirmed')
  })

  test('what asks for photos is said anew in each answer, and is news only when it is another', async () => {
    const asked = async (): Promise<string[]> => (await client.status()).evidence
    const heard: string[] = []
    client.on((change) => heard.push(change))
    const mirrors = async (): Promise<number> => {
      heard.length = 0
      expect((await client.sync()).err).toBe('ok')
      return heard.filter((change) => change === 'mirror').length
    }
    expect(await asked()).toEqual([])
    town.rows = [JSON.stringify({ t: 'evidence', metrics: ['app', 'pledge'] })]
    expect(await mirrors()).toBe(1)
    expect(await asked()).toEqual(['app', 'pledge'])
    expect(await mirrors()).toBe(0)
    const again = await open(client.worker)
    expect((await again.status()).evidence).toEqual(['app', 'pledge'])
    town.rows = []
    expect(await mirrors()).toBe(1)
    expect(await asked()).toEqual([])
  })

  test('a list that the office emptied is empty here, one that an answer does not speak of stays', async () => {
    const here = async () => [(await client.targets()).length, (await client.texts()).length]
    expect(await here()).toEqual([1, 1])
    town.rows = [JSON.stringify({ t: 'none', of: 'topic' }), JSON.stringify({ t: 'none', of: 'later' })]
    expect((await client.sync()).err).toBe('ok')
    expect(await here()).toEqual([1, 1])
    town.rows = [JSON.stringify({ t: 'none', of: 'target' })]
    expect((await client.sync()).err).toBe('ok')
    expect(await here()).toEqual([0, 1])
    town.rows = [JSON.stringify({ t: 'none' })]
    expect((await client.sync()).err).toBe('malformed')
  })

  test('a clock that one tab found to be off counts at once in the other', async () => {
    const birthday = new Date(town.nowMs + DAY_MS)
    const born = `${birthday.getUTCFullYear() - 16}${birthday.toISOString().slice(4, 10)}`
    town.rows = [resident(PERSON, HOUSEHOLD, { born })]
    await client.sync()
    const second = await open(client.worker)
    const inAge = async (): Promise<boolean> => (await second.household(HOUSEHOLD))!.residents[0]!.inAge
    expect(await inAge()).toBe(false)
    const answers = [problem('stale-signature', { now: town.nowMs + 2 * DAY_MS })]
    place.network = () => {
      const answer = answers.shift()
      return answer === undefined ? Promise.reject(new Error('no network')) : Promise.resolve(answer)
    }
    await client.sync()
    expect((await client.status()).clockOffsetMs).toBe(2 * DAY_MS)
    expect(await inAge()).toBe(true)
  })

  test('14 days after its receipt P and photos go; E and the receipt stay', async () => {
    const name = await client.attach(JPEG)
    const made = await client.record('notice', { household: HOUSEHOLD, evidence: [name] }, { signer: '王五' })
    await client.sync()
    town.nowMs += 14 * DAY_MS - 1000
    await client.sync()
    expect((await client.records())[0]!.hidden).toMatchObject({ signer: '王五' })
    town.nowMs += 2000
    await client.sync()
    expect((await client.records())[0]).toMatchObject({ hidden: undefined, state: 'confirmed' })
    expect(await client.photos()).toEqual([])
    expect(await client.link(made.event)).toBeUndefined()
    expect(await client.receipt(made.event)).toBeDefined()
  })

  test('after a restore the lost records go out again, whole, and get another receipt', async () => {
    const name = await client.attach(JPEG)
    const made = await client.record('notice', { household: HOUSEHOLD, evidence: [name] })
    await client.sync()
    const old = (await client.receipt(made.event))!
    town.restore(1)
    town.rows = []
    await visit()
    expect(await client.sync()).toMatchObject({ err: 'ok' })
    expect(await states()).toEqual(['confirmed', 'confirmed'])
    const fresh = (await client.receipt(made.event))!
    expect([old.log, fresh.log]).toEqual([`${HOST}/log/140522`, `${HOST}/log/140522-2`])
    qm.receiptVerify(fresh.batch, qm.vkeyRead(fresh.logKey))
  })

  test('a log that shrank raises the alarm and settles nothing', async () => {
    await visit()
    await client.sync()
    town.entries = []
    await visit()
    await client.sync()
    expect(await client.status()).toMatchObject({ alarm: { why: 'log-regressed' }, counts: { waiting: 1, confirmed: 1 } })
  })
})

describe('directives and topics', () => {
  const id = '01999000-0000-7000-8000-00000000000a'
  const directive = (acknowledged: boolean): string =>
    JSON.stringify({ t: 'directive', directive: id, at: 5, due: '', title: '入户安排', body: '本周入户', acknowledged })
  const topic = (code: string): string => JSON.stringify({ t: 'topic', code, zh: code })

  test('are read, acknowledged without a network, and told when it is back', async () => {
    town.rows = [directive(false), topic('fake-boss'), topic('fake-loan')]
    await client.sync()
    expect((await client.topics()).map((row) => row.code)).toEqual(['fake-boss', 'fake-loan'])
    expect(await client.directives()).toMatchObject([{ title: '入户安排', acknowledged: false }])
    place.network = () => Promise.reject(new Error('no network'))
    await client.acknowledge(id)
    await client.sync()
    expect(await client.directives()).toMatchObject([{ acknowledged: true }])
    place.network = (_, answer) => answer()
    town.rows = [directive(false), topic('fake-loan')]
    await client.sync({ now: true })
    expect(town.acknowledged).toEqual([id])
    expect((await client.topics()).map((row) => row.code)).toEqual(['fake-loan'])
    await client.sync()
    expect(town.acknowledged).toEqual([id])
    await expect(client.acknowledge('01999000-0000-7000-8000-00000000000b')).rejects.toMatchObject({ code: 'not-found' })
  })

  test('one that is of another area by now is not asked for ever', async () => {
    town.rows = [directive(false)]
    await client.sync()
    town.rows = []
    await client.acknowledge(id)
    let asked = 0
    place.network = (kind, answer) => (kind === 'acknowledge' ? (asked++, Promise.resolve(problem('not-found'))) : answer())
    expect(await client.sync()).toMatchObject({ err: 'ok' })
    await client.sync()
    expect(asked).toBe(1)
  })
})

test('nothing about people lies open in the database', async () => {
  await client.attach(JPEG)
  await client.record('notice', { household: HOUSEHOLD }, { signer: '王小明', phone: '13912345678' })
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(`qm.worker.${client.worker}`)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  const found: string[] = []
  for (const store of Array.from(db.objectStoreNames)) {
    const all = await new Promise<unknown[]>((resolve) => {
      const request = db.transaction(store).objectStore(store).getAll()
      request.onsuccess = () => resolve(request.result as unknown[])
    })
    const bytes = JSON.stringify(all, (_, v: unknown) => (v instanceof Uint8Array ? text(v) : typeof v === 'bigint' ? String(v) : v))
    for (const word of ['王小明', '13912345678', '王五', '138****0001', '王小五', '1990-01-01']) if (bytes.includes(word)) found.push(`${store}: ${word}`)
    for (const row of all) if (row instanceof CryptoKey) expect(row.extractable).toBe(false)
  }
  db.close()
  expect(found).toEqual([])
})
