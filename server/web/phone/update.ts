// The service worker and its updates.
//
// A new version waits until somebody says so (`updateNow`), because it reloads the page: a form that
// is being filled in must not be lost.  A page asks for a newer version at its start and each hour.
import { ref } from 'vue'

export const updateWaits = ref(false)
let waiting: ServiceWorker | null = null

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
    setInterval(() => void registration.update().catch(() => undefined), 3_600_000)
    return true
  } catch {
    return false
  }
}

export function updateNow(): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  waiting?.postMessage('take-over')
}
