// The start of the office, kept by its service worker (worker/sw.ts) for as long as somebody is signed in.
//
// A page of the last version may find a part gone from the server: it is then opened anew from the
// server, not from what is kept (keptEnd before the reload).  Browsers without service workers, or that
// refuse one, start as they always did.
import { BASE } from './links'

/** The first page comes first: the line is left to it for a while. */
const AFTER_MS = 1000

let timer: ReturnType<typeof setTimeout> | undefined

const workers = (): ServiceWorkerContainer | null => ('serviceWorker' in navigator ? navigator.serviceWorker : null)

export function keptStart(): void {
  clearTimeout(timer)
  timer = setTimeout(() => {
    workers()?.register(`${BASE}sw.js`, { scope: BASE }).catch(() => undefined)
  }, AFTER_MS)
}

/** Drops the worker and what it kept; other workers of this address keep theirs. */
export async function keptEnd(): Promise<void> {
  clearTimeout(timer)
  try {
    const worker = await workers()?.getRegistration(BASE)
    if (worker === undefined || !worker.scope.endsWith(BASE)) return
    await worker.unregister()
    for (const name of await caches.keys()) if (name.endsWith(worker.scope)) await caches.delete(name)
  } catch {
    // A browser that refuses workers has kept nothing.
  }
}
