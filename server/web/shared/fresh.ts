// After an update of the server a page that is still open may ask for a part that is gone.  The page
// is then opened anew, once: a part that is missing also afterwards is an error like any other.
const KEY = 'qm.reopened'

export function reopenWhenStale(): void {
  window.addEventListener('vite:preloadError', (event) => {
    const last = Number(sessionStorage.getItem(KEY) ?? 0)
    if (Date.now() - last < 60_000) return
    sessionStorage.setItem(KEY, String(Date.now()))
    event.preventDefault()
    location.reload()
  })
}
