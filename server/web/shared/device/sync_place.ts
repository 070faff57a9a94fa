// The page's end of the thread that does the rounds (sync_thread.ts).
//
// Happy path: the thread opens the same outbox with the same PIN; rounds asked for here are done there.
// Failure modes: a browser without threads or without a channel between them, or a thread that cannot
// open the outbox: undefined, and the page's client does the rounds itself.
import { QmError, type Platform, type Report, type SyncCall, type SyncPlace } from '@qiaomen/sdk'
import type { FromThread, ToThread } from './sync_messages'
import SyncThread from './sync_thread?worker'

interface Asked {
  call: SyncCall
  resolve: (report: Report) => void
  reject: (e: unknown) => void
}

class Thread implements SyncPlace {
  private readonly asked = new Map<number, Asked>()
  private last = 0

  constructor(
    private readonly worker: Worker,
    private readonly platform: Platform,
  ) {
    worker.onmessage = (event: MessageEvent<FromThread>) => this.hear(event.data)
    worker.onerror = (event) => this.fail(new QmError('internal', event.message))
  }

  private say(message: ToThread): void {
    this.worker.postMessage(message)
  }

  private hear(told: FromThread): void {
    if ('progress' in told) this.asked.get(told.progress)?.call.progress?.(told.report)
    else if ('done' in told) this.take(told.done)?.resolve(told.report)
    else if ('failed' in told) this.take(told.failed)?.reject(new QmError(told.code, told.detail))
  }
  private take(id: number): Asked | undefined {
    const one = this.asked.get(id)
    this.asked.delete(id)
    return one
  }
  private fail(e: QmError): void {
    for (const id of [...this.asked.keys()]) this.take(id)?.reject(e)
  }

  sync(call: SyncCall = {}): Promise<Report> {
    const id = ++this.last
    return new Promise((resolve, reject) => {
      this.asked.set(id, { call, resolve, reject })
      call.signal?.addEventListener('abort', () => this.say({ stop: id }))
      this.say({ sync: id, what: call.what, now: call.now })
    })
  }

  keepSyncing(): () => void {
    this.say({ keep: true })
    const asleep = this.platform.onAwake(() => this.say('awake'))
    return () => {
      asleep()
      this.say({ keep: false })
    }
  }

  close(): void {
    this.worker.terminate()
    this.fail(new QmError('io', 'closed'))
  }
}

export function syncPlace(worker: string, pin: string | undefined, platform: Platform): Promise<SyncPlace | undefined> {
  if (typeof Worker === 'undefined' || typeof BroadcastChannel === 'undefined') return Promise.resolve(undefined)
  return new Promise((resolve) => {
    let thread: Worker
    try {
      thread = new SyncThread()
    } catch {
      resolve(undefined)
      return
    }
    const without = (): void => {
      thread.terminate()
      resolve(undefined)
    }
    thread.onerror = without
    thread.onmessage = (event: MessageEvent<FromThread>) => {
      if ('opened' in event.data && event.data.opened) resolve(new Thread(thread, platform))
      else without()
    }
    const open: ToThread = { open: { worker, pin } }
    thread.postMessage(open)
  })
}
