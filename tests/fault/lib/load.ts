/* Phones that work without pause: each makes a batch, sends the same bytes until they are answered,
 * keeps the receipt, and makes the next one. What was promised is in `sent`, for `ledger.ts`. */
import { BATCH_TYPE, Batch, Device, Line } from '../../integration/lib/device'
import { GRID, homes } from '../../integration/lib/site'
import { sleep } from '../../integration/lib/until'
import { Entry, entryRead, pseudonym, Receipt, receiptVerify, VerifierKey } from '../../integration/lib/wire'
import { Chance } from './chance'
import { Got, once, problemOf } from './http'

export interface Sent {
  device: Device
  batch: Batch
  receipt: Receipt
  entry: Entry
  text: string
}

export interface Old {
  text: string
  key: VerifierKey
}

/** Reads an answer of /v1/sync to this batch; throws if anything in it does not hold. */
export function taken(device: Device, batch: Batch, got: Got): Sent {
  if (got.status !== 200) throw new Error(`${got.status} ${got.body}`)
  const receipt = receiptVerify(got.body, device.log!)
  const entry = entryRead(receipt.extra)
  if (entry.type !== 'batch/v1' || entry.payload !== batch.note) throw new Error('the entry is of another batch')
  return { device, batch, receipt, entry, text: got.body }
}

export const post = (url: string, batch: Batch): Promise<Got> =>
  once(`${url}/v1/sync`, { method: 'POST', headers: { 'content-type': BATCH_TYPE }, body: batch.body })

export class Load {
  readonly sent: Sent[] = []
  cut = 0
  refused = 0
  private stopping = false
  private readonly workers: Promise<void>[] = []
  private failure: Error | null = null

  /** `urls` is asked at each attempt: a server that was started again has another port. */
  constructor(
    private readonly urls: () => string[],
    private readonly devices: Device[],
    private readonly chance: Chance,
    private readonly refusals: readonly string[] = ['overload'],
  ) {}

  start(): void {
    this.stopping = false
    for (const device of this.devices)
      this.workers.push(this.work(device, this.chance.child()).catch((e: Error) => void (this.failure ??= e)))
  }

  /** Waits until each phone's last batch is answered. */
  async stop(): Promise<void> {
    this.stopping = true
    await Promise.all(this.workers.splice(0))
    if (this.failure) throw this.failure
  }

  /** Waits until so many more batches were answered. */
  async more(n: number): Promise<void> {
    for (const goal = this.sent.length + n; this.sent.length < goal; await sleep(5)) if (this.failure) throw this.failure
  }

  private async work(device: Device, chance: Chance): Promise<void> {
    const own: Line[] = []
    while (!this.stopping && !this.failure) {
      const batch = device.batch(makeLines(device, chance, own))
      const sent = await this.deliver(device, batch, chance)
      this.sent.push(sent)
      own.push(...batch.lines)
      if (chance.percent(10)) this.repeat(await this.deliver(device, batch, chance), sent)
    }
  }

  private repeat(again: Sent, first: Sent): void {
    if (again.receipt.index !== first.receipt.index) throw new Error('a repeat got another index')
  }

  /** As a phone does it: a lost connection or a 503 is a reason to send the same bytes again. */
  async deliver(device: Device, batch: Batch, chance: Chance): Promise<Sent> {
    for (;;) {
      const got = await post(chance.of(this.urls()), batch).catch(() => null)
      if (got?.status === 200) return taken(device, batch, got)
      if (got === null) {
        this.cut++
      } else {
        this.refused++
        if (got.status !== 503 || !this.refusals.includes(problemOf(got)) || !/^[1-9][0-9]*$/.test(got.retryAfter))
          throw new Error(`refused: ${got.status} ${got.body} Retry-After ${got.retryAfter}`)
      }
      await sleep(chance.between(2, 40))
    }
  }
}

/** One to six events of every kind and fate: counted, held, flagged, rejected, sent twice, voided. */
export function makeLines(device: Device, chance: Chance, own: Line[]): Line[] {
  const lines: Line[] = []
  for (let n = chance.between(1, 6); n > 0; n--) lines.push(...someLines(device, chance, own))
  const seen = new Set<string>()
  return lines.filter((line) => !seen.has(line.id) && seen.add(line.id))
}

function someLines(device: Device, chance: Chance, own: Line[]): Line[] {
  const home = chance.of(homes.filter((h) => h.people.length > 0))
  const grid = home.grid
  const kind = chance.between(1, 100)
  if (kind <= 45) return [device.visit(home.household, { grid, outcome: chance.of(['met', 'met', 'absent', 'refused']) })]
  if (kind <= 60) return [device.event('notice', { household: home.household, text: 'notice-2026-1', evidence: [], state: chance.of(['left', 'signed']), grid })]
  if (kind <= 72) {
    const state = chance.of(['installed', 'refused', 'removed'])
    const on = state === 'installed'
    const alerts = { real_name: on, call_alert: on, sms_alert: on && chance.percent(50) }
    return [device.event('app', { household: home.household, resident: chance.of(home.people).resident, state, ...alerts, evidence: [], grid })]
  }
  if (kind <= 82) {
    const found = pseudonym()
    return [
      device.event('household', { household: found, place: 'home', why: 'found' }, { name: '新户', door: '新' }),
      device.event('resident', { household: found, resident: pseudonym(), why: 'found' }, { name: '新人', born: '1988-08-08' }),
      device.visit(found),
    ]
  }
  if (kind <= 88 && own.length > 0) return [device.void_(chance.of(own).id)]
  if (kind <= 94 && own.length > 0) return [chance.of(own)]
  if (kind <= 97) return [device.visit(pseudonym(), { grid: GRID })]
  return [device.visit(home.household, { outcome: 'no-such-outcome', grid })]
}
