// The service worker and its updates.
//
// A new version is kept beside the old one until the page is opened anew, which it does by itself at a
// quiet moment: on a page where nothing is filled in, when nobody has touched it for a while or it is
// out of sight.  Whoever wants it now taps (`updateNow`).  A form that was begun is a draft and comes
// back.  A page asks for a newer version at its start, each hour, and when it is seen again.
// Failure modes: a version that does not come whole is not taken, and asked for again.
import { ref } from 'vue'

export const updateWaits = ref(false)
let waiting: ServiceWorker | null = null

const ASK_MS = 3_600_000
const QUIET_MS = 10_000
const LOOK_MS = 1_000

function found(worker: ServiceWorker | null): void {
  // Without a controller this is the first version, which replaces nothing.
  if (worker === null || navigator.serviceWorker.controller === null) return
  waiting = worker
  updateWaits.value = true
}

function follow(registration: ServiceWorkerRegistration): void {
  found(registration.waiting)
  registration.addEventListener('updatefound', () => {
    const fresh = registration.installing
    fresh?.addEventListener('statechange', () => {
      if (fresh.state === 'installed') found(fresh)
    })
  })
}

/** False where the browser has no service workers or refuses one. */
export async function workerStart(): Promise<boolean> {
  if (!('serviceWorker' in navigator)) return false
  try {
    const registration = await navigator.serviceWorker.register('/app/sw.js', { scope: '/app/' })
    follow(registration)
    const ask = (): void => void registration.update().catch(() => undefined)
    setInterval(ask, ASK_MS)
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && ask())
    return true
  } catch {
    return false
  }
}

export function updateNow(): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  waiting?.postMessage('take-over')
  waiting = null
}

/** Somebody is in the middle of typing. */
function typing(): boolean {
  const at = document.activeElement
  return at !== null && /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName)
}

/** isQuiet: nothing on the page would be lost or torn away. */
export function updateWhenQuiet(isQuiet: () => boolean): void {
  let touchedMs = Date.now()
  const touched = (): void => void (touchedMs = Date.now())
  for (const name of ['pointerdown', 'keydown', 'scroll']) window.addEventListener(name, touched, { capture: true, passive: true })
  const take = (): void => {
    if (waiting !== null && isQuiet()) updateNow()
  }
  setInterval(() => {
    // A clock that was set back is no reason to wait for hours.
    if (Math.abs(Date.now() - touchedMs) >= QUIET_MS && !typing()) take()
  }, LOOK_MS)
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && take())
}
