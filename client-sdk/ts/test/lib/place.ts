/* A phone's platform in Node: IndexedDB in memory, empty at first, WebCrypto, a network to the town, a clock and timers
 * that the test moves. */
import 'fake-indexeddb/auto'
import { webcrypto } from 'node:crypto'
import * as qm from '../../src/index.js'
import { SERVER, type Town } from './town.js'

const kinds: [RegExp, qm.AskKind][] = [
  [/^\/v1\/devices$/, 'enrol'],
  [/^\/v1\/devices\/rotate$/, 'rotate'],
  [/^\/v1\/sync$/, 'batch'],
  [/^\/v1\/blobs\//, 'photo'],
  [/^\/v1\/phone\/directives\//, 'acknowledge'],
  [/^\/v1\/changes/, 'changes'],
]

type Hub = Map<string, Set<(message: string) => void>>

export class Place implements qm.Platform {
  readonly subtle = webcrypto.subtle as unknown as SubtleCrypto
  /** replaces what the network says; throws for no network */
  network: (kind: qm.AskKind, answer: () => Promise<qm.Said>) => Promise<qm.Said> = (_, answer) => answer()
  asked: qm.AskKind[] = []
  offsetMs = 0
  timers: { at: number; call: () => void }[] = []
  awake = new Set<() => void>()
  static readonly held = new Set<string>()
  static readonly hub: Hub = new Map()

  constructor(
    readonly town: Town,
    readonly random: qm.Random = (n) => new Uint8Array(webcrypto.getRandomValues(new Uint8Array(n))),
  ) {
    globalThis.indexedDB = new IDBFactory()
  }

  now(): number {
    return this.town.nowMs + this.offsetMs
  }

  readonly fetch = (async (url: string, init: RequestInit) => {
    const target = url.slice(SERVER.length)
    const kind = kinds.find(([form]) => form.test(target))![1]
    this.asked.push(kind)
    const ask = { kind, method: 'POST', target, headers: {}, body: init.body as Uint8Array, answerMaxBytes: 0 } as qm.Ask
    const said = await this.network(kind, () => this.town.answer(ask))
    if ('failed' in said) throw new TypeError('no network')
    return new Response(new Uint8Array(said.body), { status: said.status, headers: { 'content-type': said.contentType } })
  }) as unknown as typeof fetch

  async exclusive<T>(name: string, work: () => Promise<T>): Promise<T | 'held'> {
    if (Place.held.has(name)) return 'held'
    Place.held.add(name)
    try {
      return await work()
    } finally {
      Place.held.delete(name)
    }
  }

  channel(name: string): qm.Channel {
    const all = Place.hub.get(name) ?? new Set()
    Place.hub.set(name, all)
    let mine: ((message: string) => void) | undefined
    return {
      post: (message) => all.forEach((heard) => heard !== mine && heard(message)),
      listen: (heard) => all.add((mine = heard)),
      close: () => mine && all.delete(mine),
    }
  }

  after(delayMs: number, call: () => void): () => void {
    const timer = { at: this.now() + delayMs, call }
    this.timers.push(timer)
    return () => (this.timers = this.timers.filter((other) => other !== timer))
  }
  /** Lets the next timer come. */
  ring(): boolean {
    const next = this.timers.sort((a, b) => a.at - b.at).shift()
    if (next) this.town.nowMs = Math.max(this.town.nowMs, next.at - this.offsetMs)
    next?.call()
    return next !== undefined
  }
  unplugged = false
  offline(): boolean {
    return this.unplugged
  }
  onAwake(call: () => void): () => void {
    this.awake.add(call)
    return () => this.awake.delete(call)
  }
  room(): Promise<qm.StorageRoom> {
    return Promise.resolve({ persistent: false })
  }
  persist(): Promise<boolean> {
    return Promise.resolve(true)
  }
}
