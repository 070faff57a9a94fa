/* Any order of offline work, deaths of tabs, lost answers and repeats, on one or two phones, ends with the
 * same counters as the plain order: the same records, sent one after the other to a second server.
 * Chance comes from a seed that is printed; QM_SEED has it again. */
import { strict as assert } from 'node:assert'
import { createHash, randomInt } from 'node:crypto'
import { after, before, test } from 'node:test'
import { Browser } from 'playwright-core'
import type { RecordDraft, RecordedAs } from '../../client-sdk/ts/src/client_api.js'
import { Device } from '../integration/lib/device'
import { GRID, homes, Site } from '../integration/lib/site'
import { until } from '../integration/lib/until'
import { long } from '../integration/lib/where'
import { launch, Phone, Way } from './lib/tab'

const SEED = process.env['QM_SEED'] ?? String(randomInt(1 << 30))
const HISTORIES = long ? 100 : 6
const STEPS = 14
const ACCOUNTS = ['W0001', 'W0002'] as const
const PNG = Buffer.from('89504e470d0a1a0a0000000d4948445200', 'hex')
const PNG_NAME = createHash('sha256').update(PNG).digest('hex')

class Chance {
  private n = 0
  constructor(private readonly seed: string) {}
  below(limit: number): number {
    return createHash('sha256').update(`${this.seed} ${this.n++}`).digest().readUInt32BE(0) % limit
  }
  of<T>(all: readonly T[]): T {
    return all[this.below(all.length)]!
  }
}

let wild: Site
let plain: Site
let way: Way
let browser: Browser
const devices = new Map<string, Device>()
before(async () => {
  process.stderr.write(`QM_SEED=${SEED}\n`)
  wild = await Site.start()
  plain = await Site.start()
  way = await Way.open(wild)
  browser = await launch()
  for (const account of ACCOUNTS) devices.set(account, await plain.device(account))
  const put = await devices.get('W0001')!.request('PUT', `/v1/blobs/${PNG_NAME}`, { type: 'image/png', bytes: PNG })
  assert.equal(put.status, 201)
})
after(async () => {
  await browser?.close()
  way?.close()
  await wild?.stop()
  await plain?.stop()
})

/** Few doors, so that records of one door meet. */
const DOORS = homes.slice(0, 8)

/** A door as one phone knows it: a household or person that it found is known to no other. */
interface Door {
  household: string
  people: string[]
}
const doorsNew = (): Door[] => DOORS.map((h) => ({ household: h.household, people: h.people.map((p) => p.resident) }))

const DAY_MS = 86_400_000
/** As on a sheet that was filled in the day before. */
const onPaper = () => ({ via: 'paper' as const, done: new Date(Date.now() - DAY_MS).toISOString().slice(0, 10).replaceAll('-', '') })
const sometimesOnPaper = (chance: Chance) => (chance.below(4) === 0 ? onPaper() : {})

function found(chance: Chance, from: string): RecordDraft {
  const members = chance.below(2) === 0 ? { why: 'found' as const } : { why: 'split' as const, from }
  return { kind: 'household', hidden: { name: '赵六', door: '村东' }, members: { grid: GRID, place: chance.of(['home', 'home', 'shop'] as const), ...members } }
}

function draft(chance: Chance, { household, people }: Door): RecordDraft {
  const resident = chance.of([...people, ''])
  if (resident === '') {
    if (chance.below(2) === 0) return found(chance, household)
    return { kind: 'resident', hidden: { name: '孙七', born: chance.of(['1980-07-01', '2020-01-01']) }, members: { household, grid: GRID, why: chance.of(['found', 'moved_in'] as const) } }
  }
  switch (chance.below(6)) {
    case 0:
      return { kind: 'notice', members: { household, text: 'notice-2026-1', state: chance.of(['signed', 'left', 'refused'] as const), evidence: [PNG_NAME], ...sometimesOnPaper(chance) } }
    case 1:
      return {
        kind: 'pledge', hidden: { signer: '王五' },
        members: {
          household, resident, text: 'pledge-2026-1', state: chance.of(['signed', 'refused', 'later', 'withdrawn'] as const), evidence: [PNG_NAME], ...sometimesOnPaper(chance),
        },
      }
    case 2:
      return { kind: 'app', members: { household, resident, state: 'installed', real_name: true, call_alert: chance.below(2) === 0, sms_alert: true, evidence: chance.of([[], [PNG_NAME]]) } }
    case 3:
      return { kind: 'app', members: { household, resident, state: chance.of(['refused', 'later', 'removed'] as const) } }
    case 4:
      return { kind: 'resident', members: { household, resident, why: chance.of(['moved_out', 'away', 'back', 'died', 'wrong'] as const) } }
    default:
      return { kind: 'visit', members: { household, outcome: chance.of(['met', 'absent', 'refused', 'met'] as const), ...chance.of([{ via: 'door' }, { via: 'phone' }, onPaper()] as const) } }
  }
}

/** What one phone was told to do, and what it said to have done. */
class Worker {
  said = new Set<string>()
  private readonly doors = doorsNew()
  /** what is not there any more once this record is taken back */
  private readonly made = new Map<string, () => void>()
  private constructor(
    readonly phone: Phone,
    readonly account: string,
  ) {}

  static async start(account: string): Promise<Worker> {
    const phone = await Phone.make(browser, way)
    await phone.enrol(await wild.code(account))
    await phone.do((client, bytes) => client.attach(Uint8Array.from(bytes)), [...PNG])
    return new Worker(phone, account)
  }

  async record(d: RecordDraft): Promise<void> {
    const [made] = await this.phone.do((client, one) => client.recordAll([one]), d)
    this.said.add(made!.event)
    this.learn(d, made!)
  }

  /** What it found is worked on like the other doors, until that is taken back. */
  private learn(d: RecordDraft, made: RecordedAs): void {
    if (d.kind === 'household') {
      const door: Door = { household: made.household, people: [] }
      this.doors.push(door)
      this.made.set(made.event, () => this.doors.splice(this.doors.indexOf(door), 1))
    } else if (d.kind === 'resident' && d.hidden !== undefined) {
      const people = this.doors.find((door) => door.household === made.household)!.people
      people.push(made.resident)
      this.made.set(made.event, () => people.splice(people.indexOf(made.resident), 1))
    }
  }

  async undo(chance: Chance): Promise<void> {
    const event = chance.of([...this.said, ''])
    if (event === '') return
    const how = await this.phone.do(async (client, id) => client.undo(id).catch((e: { code: string }) => e.code), event)
    if (how === 'removed') this.said.delete(event)
    if (how !== 'removed' && how !== 'voided') return
    this.made.get(event)?.()
    this.made.delete(event)
  }

  /** The tab dies while it does something; that something may have happened or not. */
  async die(chance: Chance): Promise<void> {
    const busy = (
      chance.below(2) === 0
        ? this.phone.do((client, one) => client.recordAll([one]), draft(chance, chance.of(this.doors)))
        : this.phone.sync()
    ).catch(() => undefined)
    await new Promise((r) => setTimeout(r, chance.below(30)))
    await this.phone.kill()
    await busy
  }

  async step(chance: Chance): Promise<void> {
    const what = chance.below(12)
    if (what < 6) return this.record(draft(chance, chance.of(this.doors)))
    if (what < 8) return this.undo(chance)
    if (what < 9) return this.die(chance)
    way.weather = chance.of(['fine', 'none', 'answers lost'] as const)
    await this.phone.sync()
  }

  /** The records as bytes, in their order. */
  lines(): Promise<{ id: string; at: number; e: string; p?: string }[]> {
    return this.phone.do(async (client) => {
      type Row = { id: string; at: number; e: Uint8Array }
      const { outbox } = client as unknown as { outbox: { events(): Promise<Row[]>; hidden(id: string): Promise<Uint8Array | undefined> } }
      const text = new TextDecoder()
      return Promise.all(
        (await outbox.events()).map(async (row) => {
          const p = await outbox.hidden(row.id)
          return { id: row.id, at: row.at, e: text.decode(row.e), ...(p ? { p: text.decode(p) } : {}) }
        }),
      )
    }, null)
  }
}

for (let h = 0; h < HISTORIES; h++)
  test(`history ${h}`, async () => {
    const chance = new Chance(`${SEED} ${h}`)
    const workers = [await Worker.start(chance.of(ACCOUNTS))]
    if (chance.below(2) === 0) workers.push(await Worker.start(chance.of(ACCOUNTS)))
    for (let i = 0; i < STEPS * workers.length; i++) await chance.of(workers).step(chance)
    await settle(workers)
  })

/** A door that no history goes to: chance alone may leave a counter at nothing. */
test('one more door, done without chance, counts in every figure', async () => {
  const home = homes[DOORS.length]!
  const { household } = home
  const { resident } = home.people[0]!
  const before = await wild.counters()
  const worker = await Worker.start('W0001')
  await worker.record({ kind: 'visit', members: { household, outcome: 'met', via: 'door' } })
  await worker.record({ kind: 'notice', members: { household, text: 'notice-2026-1', state: 'signed', evidence: [PNG_NAME] } })
  await worker.record({ kind: 'pledge', hidden: { signer: '王五' }, members: { household, resident, text: 'pledge-2026-1', state: 'signed', evidence: [PNG_NAME] } })
  await worker.record({ kind: 'app', members: { household, resident, state: 'installed', real_name: true, call_alert: true, sms_alert: true } })
  await settle([worker])
  const now = await wild.counters()
  for (const name of ['visited', 'notice_delivered', 'notice_delivered_evidenced', 'pledge', 'pledge_evidenced', 'app']) assert.equal(now[name], before[name]! + 1, name)
})

/** Everything goes out, nothing is missing, and the second server ends with the same counters. */
async function settle(workers: Worker[]): Promise<void> {
  way.weather = 'fine'
  const all = []
  for (const worker of workers) {
    await worker.phone.settle()
    const lines = await worker.lines()
    const there = new Set(lines.map((line) => line.id))
    assert.deepEqual([...worker.said].filter((event) => !there.has(event)), [], 'a record that was said to be saved is gone')
    const status = await worker.phone.status()
    assert.deepEqual([status.counts.waiting, status.counts.rejected, status.gaps], [0, 0, []])
    all.push(...lines.map((line) => ({ ...line, account: worker.account })))
    await worker.phone.close()
  }
  for (const line of all.sort((a, b) => a.at - b.at)) await devices.get(line.account)!.send(line)
  await Promise.all([proved(wild), proved(plain)])
  assert.deepEqual(await wild.counters(), await plain.counters())
  await wild.recount()
  await plain.recount()
}

/** What a picture shows counts when the log has listed it, some seconds after a record named it. */
async function proved(site: Site): Promise<void> {
  const unlisted = 'SELECT 1 FROM qm.evidence NATURAL JOIN qm.blob WHERE listed_idx IS NULL LIMIT 1'
  await until('all pictures are listed', async () => (await site.pg.sql(unlisted)).length === 0)
}
