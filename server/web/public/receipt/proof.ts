// Reads what the two proofs of a receipt carry: the event, and where its batch stands in the ledger.
// Form: C2SP tlog-proof, whose `extra` is the entry in base64 and whose index has a line of its own.

export interface Recorded {
  kind: string
  at: number
  state: string | null
  index: number
}

function line(proof: string, name: string): string {
  const found = proof.split('\n').find((l) => l.startsWith(`${name} `))
  if (found === undefined) throw new Error(`the proof has no ${name}`)
  return found.slice(name.length + 1)
}

function wholeNumber(text: unknown): number {
  const n = typeof text === 'string' && /^(0|[1-9][0-9]*)$/.test(text) ? Number(text) : text
  if (typeof n !== 'number' || !Number.isSafeInteger(n) || n < 0) throw new Error('not a whole number')
  return n
}

/** @throws Error if the proofs are not of the form. */
export function recordedRead(event: string, batch: string): Recorded {
  const e = JSON.parse(atob(line(event, 'extra'))) as Record<string, unknown>
  if (typeof e['kind'] !== 'string') throw new Error('an event without a kind')
  const state = e['outcome'] ?? e['state'] ?? (e['kind'] === 'notice' || e['kind'] === 'pledge' ? 'signed' : null)
  return {
    kind: e['kind'],
    at: wholeNumber(e['at']),
    state: typeof state === 'string' ? state : null,
    index: wholeNumber(line(batch, 'index')),
  }
}

/** The two parts of the link, "#<event id>.<s>". */
export function linkRead(hash: string): { id: string; s: string } | null {
  const found = /^#([0-9a-f-]{36})\.([A-Za-z0-9_-]{22})$/.exec(hash)
  return found === null ? null : { id: found[1]!, s: found[2]! }
}
