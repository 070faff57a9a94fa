/* A phone: core, outbox and keys in memory, and a network to the town that a test may disturb. */
import { webcrypto } from 'node:crypto'
import * as qm from '../../src/index.js'
import { MemoryKeys, MemoryOutbox, type StoredRecord } from './memory.js'
import { CODE, GRID, HOUSEHOLD, seeded, SERVER, type Town } from './town.js'

export const subtle = webcrypto.subtle as unknown as SubtleCrypto

/** What the network makes of an exchange; answer() lets the town see the request. */
export type Network = (ask: qm.Ask, answer: () => Promise<qm.Said>) => Promise<qm.Said>
export const wire: Network = (_, answer) => answer()

export class Phone {
  readonly outbox = new MemoryOutbox()
  readonly stored = new MemoryKeys()
  readonly keys: qm.DeviceKeys
  readonly sync: qm.Sync
  readonly random: qm.Random
  network: Network = wire
  asked: qm.Ask[] = []

  constructor(
    readonly town: Town,
    seed: string,
    batchEvents = 64,
  ) {
    this.random = seeded(seed)
    this.keys = new qm.DeviceKeys(this.stored, subtle, this.random)
    this.sync = new qm.Sync(this.outbox, this.keys, { random: this.random, batchEvents })
  }

  private readonly transport: qm.Transport = (url, ask) => {
    if (url !== SERVER + ask.target) throw new Error(url)
    this.asked.push(ask)
    return this.network(ask, () => this.town.answer(ask))
  }

  enrol(code = CODE): Promise<qm.ErrCode> {
    return qm.runEnrol(new qm.Enrolment(this.outbox, this.keys, this.random), this.transport, SERVER, code)
  }

  static async enrolled(town: Town, seed: string, batchEvents?: number): Promise<Phone> {
    const phone = new Phone(town, seed, batchEvents)
    const err = await phone.enrol()
    if (err !== 'ok') throw new Error(err)
    return phone
  }

  visit(outcome: qm.Visit['outcome'] = 'met', met = '张三'): StoredRecord {
    this.town.nowMs += 60000
    return this.outbox.record(
      { kind: 'visit', grid: GRID, household: HOUSEHOLD, outcome, topics: [], near: 'yes', secs: 60 },
      { met },
      this.random,
      this.town.nowMs,
    )
  }

  round(what: readonly qm.What[] = qm.EVERYTHING): Promise<qm.Report> {
    return qm.runSync(this.sync, this.outbox, this.transport, () => this.town.nowMs, what)
  }

  /** Waits as long as it must, again and again, until nothing is left. */
  async settle(what: readonly qm.What[] = ['records']): Promise<qm.Report> {
    for (let i = 0; i < 500; i++) {
      const report = await this.round(what)
      if (report.err === 'ok') return report
      if (report.nextMs === undefined) throw new Error(`stopped: ${report.err}`)
      this.town.nowMs = Math.max(this.town.nowMs, report.nextMs)
    }
    throw new Error('it does not settle')
  }

  states(): string[] {
    return this.outbox.records.map((r) => (r.code === '' ? r.state : `${r.state} ${r.code}`))
  }
}
