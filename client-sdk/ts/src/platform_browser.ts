/* platform_browser.ts - floor 3: the platform of a browser's page, or of a worker that syncs for it.  The
 * only file that takes something from around it; every part that an old browser lacks has something in
 * its place. */
import type { Channel, Platform } from './platform.js'

function random(bytes: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(bytes))
}

async function exclusive<T>(name: string, work: () => Promise<T>): Promise<T | 'held'> {
  const locks = (navigator as { locks?: LockManager }).locks
  // Without locks two tabs may sync at once: more requests, the same result.
  if (locks === undefined) return work()
  return locks.request(name, { ifAvailable: true }, (lock) => (lock === null ? ('held' as const) : work())) as Promise<T | 'held'>
}

function channel(name: string): Channel {
  if (typeof BroadcastChannel === 'undefined') return { deaf: true, post: () => undefined, listen: () => undefined, close: () => undefined }
  const open = new BroadcastChannel(name)
  return {
    post: (message) => open.postMessage(message),
    listen: (heard) => open.addEventListener('message', (e: MessageEvent<string>) => heard(e.data)),
    close: () => open.close(),
  }
}

function onAwake(call: () => void): () => void {
  const page = typeof document === 'undefined' ? undefined : document
  const seen = (): void => {
    if (page?.visibilityState === 'visible') call()
  }
  addEventListener('online', call)
  page?.addEventListener('visibilitychange', seen)
  return () => {
    removeEventListener('online', call)
    page?.removeEventListener('visibilitychange', seen)
  }
}

/** A frame lasts 17 ms, of which the browser itself needs some. */
const AT_WORK_MS = 4
let breathed = 0

/** Nothing, for as long as a frame can wait; then a message to oneself: a timer would wait some milliseconds each time. */
function breathe(): Promise<void> {
  if (performance.now() - breathed < AT_WORK_MS) return Promise.resolve()
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      breathed = performance.now()
      resolve()
    }
    port2.postMessage(undefined)
  })
}

export function browserPlatform(): Platform {
  const storage = (navigator as { storage?: StorageManager }).storage
  return {
    subtle: (crypto as { subtle?: SubtleCrypto }).subtle,
    random,
    now: () => Date.now(),
    fetch: (input, init) => fetch(input, init),
    exclusive,
    channel,
    after: (delayMs, call) => {
      const timer = setTimeout(call, Math.min(delayMs, 0x7fffffff))
      return () => clearTimeout(timer)
    },
    breathe,
    offline: () => (navigator as { onLine?: boolean }).onLine === false,
    onAwake,
    room: async () => {
      const estimate = await storage?.estimate?.().catch(() => undefined)
      const persistent = (await storage?.persisted?.().catch(() => false)) ?? false
      return { used: estimate?.usage, quota: estimate?.quota, persistent }
    },
    persist: async () => (await storage?.persist?.().catch(() => false)) ?? false,
  }
}
