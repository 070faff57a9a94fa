// After an update of the server a page that is still open may ask for a part that is gone.  The page
// is then opened anew, once: a part that is missing also afterwards is an error like any other.  A part
// that only the network kept away is no reason: opening anew would leave nothing on the screen.
import { counties } from './api/session'

const KEY = 'qm.reopened'
const PAUSE_MS = 60_000

export function reopenWhenStale(answers: () => Promise<unknown> = counties, reopen: () => void = () => location.reload()): void {
  window.addEventListener('vite:preloadError', () => {
    const last = Number(sessionStorage.getItem(KEY) ?? 0)
    if (Date.now() - last < PAUSE_MS || !navigator.onLine) return
    sessionStorage.setItem(KEY, String(Date.now()))
    answers().then(reopen, () => sessionStorage.removeItem(KEY))
  })
}
