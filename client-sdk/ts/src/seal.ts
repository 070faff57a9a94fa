/* seal.ts - floor 1: what lies on the phone about people is sealed under a key of the worker.
 *
 * Happy path: 32 random bytes are the worker's key.  They are kept under an AES-GCM key that cannot be
 * exported (the wrapper), and, if the worker has a PIN, under a key of the PIN as well, so that neither
 * the files nor the PIN alone open anything.  Who has a PIN may have a spare code, too: 16 digits for
 * paper, under which the same key lies once more.  In use the key is a CryptoKey that cannot be exported.
 *   A first PIN that comes later than the enrolment may be anybody's who held the open phone.  So the key stays under
 * the wrapper alone as well, for whoever shows a code of the office for this account (client_pin.ts); that one's PIN is
 * sure, and the key is under the PIN alone from then on.
 *   sealed = 0x01 | nonce 12 | AES-256-GCM(plain), associated data = purpose 0x00 id
 * Failure modes: `corrupt` for bytes that do not open or a key that is gone; `forbidden` for a wrong or
 * missing PIN; `quota-exceeded` before the time that wrong PINs cost is over.  A failure is counted
 * before the PIN is tried, so that closing the tab gains no attempt.
 */
import { concat, utf8 } from './wire/bytes.js'
import type { Random } from './wire/codec.js'
import { QmError } from './wire/err.js'

const KEY_BYTES = 32
const NONCE_BYTES = 12
const SALT_BYTES = 16
const VERSION = 1
const ROUNDS = 600000
const FREE_TRIES = 3
const WAIT_FIRST_MS = 5000
const WAIT_MAX_MS = 900000
export const PIN_MIN_LENGTH = 4
const SPARE_DIGITS = 16

/** How a PIN becomes a key. */
interface Stretch {
  salt: Uint8Array
  rounds: number
}
/** While whom a PIN was set, as they call themselves, and when. */
export interface PinGiven {
  by: string
  atMs: number
}
/** Who sets a PIN: sure, known by a code of the office; else perhaps whoever held the open phone. */
export type PinBy = 'sure' | PinGiven | undefined
/** What lies in the store. */
export interface StoredSeal {
  wrapper: CryptoKey
  wrapped: Uint8Array
  pin?: Stretch | undefined
  /** the same key under the spare code */
  spare?: (Stretch & { wrapped: Uint8Array }) | undefined
  /** the same key under the wrapper alone: whoever set the PIN has not shown who they are */
  kept?: Uint8Array | undefined
  /** the PIN was set while somebody else was enrolled beside this worker, and the worker has not answered to that */
  given?: PinGiven | undefined
  failures: number
  /** no attempt before */
  retryMs: number
}
export interface SealStore {
  get(): Promise<StoredSeal | undefined>
  /** `change` gets what is there inside the transaction; undefined leaves it.  Durable when it resolves. */
  change(change: (now: StoredSeal | undefined) => StoredSeal | undefined): Promise<void>
}

/** WebCrypto wants bytes of an ArrayBuffer of their own. */
const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)

async function encrypt(subtle: SubtleCrypto, key: CryptoKey, extra: Uint8Array, plain: Uint8Array, random: Random): Promise<Uint8Array> {
  const nonce = random(NONCE_BYTES)
  const how = { name: 'AES-GCM', iv: own(nonce), additionalData: own(extra) }
  return concat(Uint8Array.of(VERSION), nonce, new Uint8Array(await subtle.encrypt(how, key, own(plain))))
}

async function decrypt(subtle: SubtleCrypto, key: CryptoKey, extra: Uint8Array, sealed: Uint8Array): Promise<Uint8Array> {
  if (sealed[0] !== VERSION) throw new QmError('corrupt', 'sealed bytes')
  const iv = own(sealed.subarray(1, 1 + NONCE_BYTES))
  try {
    const how = { name: 'AES-GCM', iv, additionalData: own(extra) }
    return new Uint8Array(await subtle.decrypt(how, key, own(sealed.subarray(1 + NONCE_BYTES))))
  } catch {
    throw new QmError('corrupt', 'sealed bytes do not open')
  }
}

async function pinKey(subtle: SubtleCrypto, pin: string, salt: Uint8Array, iterations: number): Promise<CryptoKey> {
  const base = await subtle.importKey('raw', own(utf8(pin)), 'PBKDF2', false, ['deriveKey'])
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt: own(salt), iterations }
  return subtle.deriveKey(how, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

const KEY_PURPOSE = utf8('qm worker key v1')
const PIN_PURPOSE = utf8('qm worker pin v1')

/** Digits, because they are written on paper and typed again. */
function spareMake(random: Random): string {
  let code = ''
  // Bytes of 250 and more would make some digits likelier.
  while (code.length < SPARE_DIGITS) code += [...random(SPARE_DIGITS)].filter((b) => b < 250).map((b) => b % 10).join('')
  return code.slice(0, SPARE_DIGITS)
}

/** How long a wrong PIN keeps the next one away. */
export function pinWaitMs(failures: number): number {
  if (failures < FREE_TRIES) return 0
  return Math.min(WAIT_FIRST_MS * 2 ** Math.min(failures - FREE_TRIES, 20), WAIT_MAX_MS)
}

/** When the next PIN may be tried; a clock that was set back must not make it wait for days. */
export function pinRetryMs(stored: StoredSeal | undefined, nowMs: number): number {
  const retry = stored?.retryMs ?? 0
  return retry > nowMs && retry - nowMs <= WAIT_MAX_MS ? retry : 0
}

export class Seal {
  private constructor(
    private readonly subtle: SubtleCrypto,
    private readonly random: Random,
    private readonly key: CryptoKey,
  ) {}

  async seal(purpose: string, id: string, plain: Uint8Array): Promise<Uint8Array> {
    return encrypt(this.subtle, this.key, utf8(`${purpose}\0${id}`), plain, this.random)
  }
  async open(purpose: string, id: string, sealed: Uint8Array): Promise<Uint8Array> {
    return decrypt(this.subtle, this.key, utf8(`${purpose}\0${id}`), sealed)
  }

  static async of(subtle: SubtleCrypto, random: Random, raw: Uint8Array): Promise<Seal> {
    const key = await subtle.importKey('raw', own(raw), 'AES-GCM', false, ['encrypt', 'decrypt'])
    raw.fill(0)
    return new Seal(subtle, random, key)
  }
}

/** Makes, opens and re-wraps a worker's key. */
export class SealKeeper {
  constructor(
    private readonly store: SealStore,
    private readonly subtle: SubtleCrypto,
    private readonly random: Random,
    private readonly now: () => number,
  ) {}

  private async wrap(wrapper: CryptoKey, raw: Uint8Array, pin: string): Promise<Pick<StoredSeal, 'wrapped' | 'pin'>> {
    if (pin === '') return { wrapped: await encrypt(this.subtle, wrapper, KEY_PURPOSE, raw, this.random), pin: undefined }
    const how = { salt: this.random(SALT_BYTES).slice(), rounds: ROUNDS }
    const key = await pinKey(this.subtle, pin, how.salt, how.rounds)
    const inner = await encrypt(this.subtle, key, PIN_PURPOSE, raw, this.random)
    return { wrapped: await encrypt(this.subtle, wrapper, KEY_PURPOSE, inner, this.random), pin: how }
  }

  /** Another tab may make one at the same time: the first one stored counts. */
  private async make(): Promise<StoredSeal> {
    const wrapper = await this.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
    const raw = this.random(KEY_BYTES).slice()
    const fresh = { wrapper, ...(await this.wrap(wrapper, raw, '')), failures: 0, retryMs: 0 }
    raw.fill(0)
    await this.store.change((now) => (now === undefined ? fresh : undefined))
    const kept = await this.store.get()
    if (kept === undefined) throw new QmError('io', 'this browser keeps no keys')
    return kept
  }

  /** `forbidden`: another PIN or spare code. */
  private async unwrap(wrapper: CryptoKey, wrapped: Uint8Array, how: Stretch, pin: string): Promise<Uint8Array> {
    const inner = await decrypt(this.subtle, wrapper, KEY_PURPOSE, wrapped)
    const key = await pinKey(this.subtle, pin, how.salt, how.rounds)
    try {
      return await decrypt(this.subtle, key, PIN_PURPOSE, inner)
    } catch {
      throw new QmError('forbidden', 'wrong PIN')
    }
  }

  private async rawWithPin(stored: StoredSeal, how: Stretch, pin: string): Promise<Uint8Array> {
    if (pin === '') throw new QmError('forbidden', 'a PIN is needed')
    const nowMs = this.now()
    if (pinRetryMs(stored, nowMs) > 0) throw new QmError('quota-exceeded', 'too many wrong PINs')
    await this.store.change((s) => {
      if (s === undefined) return undefined
      const failures = s.failures + 1
      return { ...s, failures, retryMs: nowMs + pinWaitMs(failures) }
    })
    const raw = await this.unwrap(stored.wrapper, stored.wrapped, how, pin)
    await this.store.change((s) => s && { ...s, failures: 0, retryMs: 0 })
    return raw
  }

  private async raw(stored: StoredSeal, pin: string): Promise<Uint8Array> {
    if (stored.pin !== undefined) return this.rawWithPin(stored, stored.pin, pin)
    return decrypt(this.subtle, stored.wrapper, KEY_PURPOSE, stored.wrapped)
  }

  /** isNew, asked if there is no key: the store is empty, so one is made; otherwise it is `corrupt`. */
  async open(pin: string, isNew: () => Promise<boolean>): Promise<Seal> {
    const found = await this.store.get()
    if (found === undefined && !(await isNew())) throw new QmError('corrupt', 'the key of this worker is gone')
    return Seal.of(this.subtle, this.random, await this.raw(found ?? (await this.make()), pin))
  }

  private async stored(): Promise<StoredSeal> {
    const stored = await this.store.get()
    if (stored === undefined) throw new QmError('corrupt', 'the key of this worker is gone')
    return stored
  }

  async setPin(old: string, pin: string, by?: PinBy): Promise<void> {
    if (pin !== '' && pin.length < PIN_MIN_LENGTH) throw new QmError('invalid', 'PIN too short')
    const stored = await this.stored()
    const raw = await this.raw(stored, old)
    const kept = stored.pin === undefined ? stored.wrapped : stored.kept
    await this.rewrap(stored, raw, pin, { kept: by === 'sure' || pin === '' ? undefined : kept, given: typeof by === 'object' ? by : undefined })
  }

  private async rewrap(stored: StoredSeal, raw: Uint8Array, pin: string, more: Pick<StoredSeal, 'kept' | 'given'>): Promise<void> {
    const fresh = await this.wrap(stored.wrapper, raw, pin)
    raw.fill(0)
    await this.store.change((now) => now && { ...now, ...fresh, ...more, failures: 0, retryMs: 0 })
  }

  /** The worker has heard by whom the PIN was set. */
  async givenHeard(): Promise<void> {
    await this.store.change((now) => now && { ...now, given: undefined })
  }

  /** `not-found`: the key lies under the PIN alone. */
  private async rawKept(stored: StoredSeal): Promise<Uint8Array> {
    if (stored.pin === undefined || stored.kept === undefined) throw new QmError('not-found', 'nothing but the PIN opens this')
    return decrypt(this.subtle, stored.wrapper, KEY_PURPOSE, stored.kept)
  }
  /** Without the PIN, for who will show a code of the office.  `not-found`. */
  async openKept(): Promise<Seal> {
    return Seal.of(this.subtle, this.random, await this.rawKept(await this.stored()))
  }
  /** The PIN of who has shown it. */
  async setSure(pin: string): Promise<void> {
    if (pin.length < PIN_MIN_LENGTH) throw new QmError('invalid', 'PIN too short')
    const stored = await this.stored()
    await this.rewrap(stored, await this.rawKept(stored), pin, { kept: undefined, given: undefined })
  }
  /** A new spare code; one made before opens nothing from then on. */
  async spareCode(pin: string): Promise<string> {
    const stored = await this.stored()
    const raw = await this.raw(stored, pin)
    const code = spareMake(this.random)
    const { wrapped, pin: how } = await this.wrap(stored.wrapper, raw, code)
    raw.fill(0)
    await this.store.change((now) => now && { ...now, spare: { ...how!, wrapped } })
    return code
  }

  /** Another PIN by the spare code, which stays good.  Its 16 digits are too many to try: no waiting here. */
  async forgotten(code: string, pin: string): Promise<void> {
    if (pin.length < PIN_MIN_LENGTH) throw new QmError('invalid', 'PIN too short')
    const stored = await this.stored()
    if (stored.spare === undefined) throw new QmError('not-found', 'no spare code was made')
    const raw = await this.unwrap(stored.wrapper, stored.spare.wrapped, stored.spare, code.replace(/\D/g, ''))
    await this.rewrap(stored, raw, pin, { kept: stored.kept, given: undefined })
  }
}
