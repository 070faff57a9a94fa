// The thread of the rounds: a client of its own on the same outbox, so that hashes, signatures and the
// database's work never hold the screen up.
//
// In and out: sync_messages.ts.  The page's client hears of what changed by the SDK's own channel.
// Failure mode: what cannot be opened here is said once; the page does the rounds itself then.
import { browserPlatform, errCode, QmClient, type Platform, type Report } from '@qiaomen/sdk'
import { deviceFetch } from '../api/device'
import type { FromThread, ToThread } from './sync_messages'

let client: QmClient | undefined
let keeping: (() => void) | undefined
const stops = new Map<number, AbortController>()
const awake = new Set<() => void>()

const say = (message: FromThread): void => self.postMessage(message)

/** The page sees the screen come back; a thread has none. */
const platform: Platform = {
  ...browserPlatform(),
  fetch: deviceFetch,
  onAwake: (call) => {
    awake.add(call)
    return () => awake.delete(call)
  },
}

async function open(worker: string, pin: string | undefined): Promise<void> {
  try {
    client = await QmClient.open({ worker, pin, platform })
    say({ opened: true })
  } catch {
    say({ opened: false })
  }
}

async function sync(id: number, call: Extract<ToThread, { sync: number }>): Promise<void> {
  const stop = new AbortController()
  stops.set(id, stop)
  try {
    if (client === undefined) throw new Error('nothing is open')
    const progress = (report: Report): void => say({ progress: id, report })
    say({ done: id, report: await client.sync({ what: call.what, now: call.now, signal: stop.signal, progress }) })
  } catch (e) {
    say({ failed: id, code: errCode(e), detail: e instanceof Error ? e.message : '' })
  } finally {
    stops.delete(id)
  }
}

self.onmessage = (event: MessageEvent<ToThread>) => {
  const told = event.data
  if (told === 'awake') for (const call of awake) call()
  else if ('open' in told) void open(told.open.worker, told.open.pin)
  else if ('sync' in told) void sync(told.sync, told)
  else if ('stop' in told) stops.get(told.stop)?.abort()
  else {
    keeping?.()
    keeping = told.keep ? client?.keepSyncing() : undefined
  }
}
