// Who works at this browser's outbox by default: kept so that the next start, here or in the other app
// of this site, opens the same one.

const KEY = 'qm.worker'

export function workerLast(): string {
  try {
    return localStorage.getItem(KEY) ?? ''
  } catch {
    return ''
  }
}

export function workerLastKeep(id: string): void {
  try {
    localStorage.setItem(KEY, id)
  } catch {
    // the choice is asked for again
  }
}
