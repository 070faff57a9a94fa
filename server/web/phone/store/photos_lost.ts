// Photos that the worker says nobody has any more: this phone asks for them no longer, until they say
// otherwise.  The records stay as they are, without that photo, and the office goes on seeing that it is missing.
// Failure mode: a browser without this storage asks again.
const keyOf = (worker: string): string => `qm.photos-lost.${worker}`

export function photosLost(worker: string): ReadonlySet<string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(worker)) ?? '[]')
    return new Set(Array.isArray(kept) ? kept.filter((x) => typeof x === 'string') : [])
  } catch {
    return new Set()
  }
}

/** All of them; none: all are asked for again. */
export function photosLostKeep(worker: string, names: Iterable<string>): void {
  try {
    localStorage.setItem(keyOf(worker), JSON.stringify([...new Set(names)]))
  } catch {
    // it is asked for again
  }
}
