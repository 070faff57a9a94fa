/* keys.ts - the device's signing key, as good as this platform can keep it.
 *
 * Happy path: an Ed25519 key pair of WebCrypto whose secret cannot be exported; only its handle lies in
 * the store.  Where the platform has none, a seed made in software, wrapped by an AES-GCM key that
 * cannot be exported, marked soft: it leaves the store only for the moment of a signature.
 * What works is found out by doing it, never by the name of the browser.  A key counts only when it
 * was stored, read back from the store and has signed a test message that verifies.
 * Failure modes: a platform without WebCrypto or a store that does not keep keys (`io`), a stored key
 * that does not open (`corrupt`).
 */
import { concat, utf8 } from './wire/bytes.js'
import type { Random } from './wire/codec.js'
import { KEY_BYTES, publicKey, SEED_BYTES, signWithSeed, verify } from './wire/ed25519.js'
import { QmError } from './wire/err.js'
import type { DeviceKey, KeyPort } from './ports.js'

/** What lies in the store: CryptoKeys are kept as they are (structured clone), never as bytes. */
export type StoredKey =
  | { kind: 'hard'; secret: CryptoKey; publicKey: Uint8Array }
  | { kind: 'soft'; wrapper: CryptoKey; nonce: Uint8Array; sealed: Uint8Array; publicKey: Uint8Array }

/** One value a name.  put is durable when it resolves. */
export interface KeyStore {
  get(name: string): Promise<StoredKey | undefined>
  put(name: string, key: StoredKey): Promise<void>
  remove(name: string): Promise<void>
}

const NONCE_BYTES = 12
const ED25519 = 'Ed25519'
const PURPOSE = utf8('qm device key v1')
const TEST_MESSAGE = utf8('qiaomen: this key is tried before it counts\n')

/** WebCrypto wants bytes of an ArrayBuffer of their own. */
const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)

async function hardKey(subtle: SubtleCrypto): Promise<StoredKey> {
  const pair = (await subtle.generateKey(ED25519, false, ['sign', 'verify'])) as CryptoKeyPair
  const raw = new Uint8Array(await subtle.exportKey('raw', pair.publicKey))
  return { kind: 'hard', secret: pair.privateKey, publicKey: raw }
}

async function softKey(subtle: SubtleCrypto, random: Random): Promise<StoredKey> {
  const wrapper = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  const seed = random(SEED_BYTES)
  const key = publicKey(seed)
  const nonce = own(random(NONCE_BYTES))
  const extra = own(concat(PURPOSE, key))
  const sealed = await subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData: extra }, wrapper, own(seed))
  seed.fill(0)
  return { kind: 'soft', wrapper, nonce, sealed: new Uint8Array(sealed), publicKey: key }
}

async function signWith(subtle: SubtleCrypto, k: StoredKey, message: Uint8Array): Promise<Uint8Array> {
  if (k.kind === 'hard') return new Uint8Array(await subtle.sign(ED25519, k.secret, own(message)))
  const extra = own(concat(PURPOSE, k.publicKey))
  const how = { name: 'AES-GCM', iv: own(k.nonce), additionalData: extra }
  const seed = new Uint8Array(await subtle.decrypt(how, k.wrapper, own(k.sealed)))
  const signature = signWithSeed(seed, message)
  seed.fill(0)
  return signature
}

export class DeviceKeys implements KeyPort {
  /** subtle: crypto.subtle of the platform (undefined on pages without a secure context). */
  constructor(
    private readonly store: KeyStore,
    private readonly subtle: SubtleCrypto | undefined,
    private readonly random: Random,
  ) {}

  private name(slot: number): string {
    return `device-${slot}`
  }

  private webCrypto(): SubtleCrypto {
    if (this.subtle === undefined) throw new QmError('io', 'this page has no WebCrypto')
    return this.subtle
  }

  private opened(k: StoredKey): DeviceKey {
    const sign = async (message: Uint8Array): Promise<Uint8Array> => {
      try {
        return await signWith(this.webCrypto(), k, message)
      } catch (e) {
        throw e instanceof QmError ? e : new QmError('corrupt', 'the device key does not open')
      }
    }
    return { publicKey: k.publicKey, soft: k.kind === 'soft', sign }
  }

  async get(slot: number): Promise<DeviceKey | undefined> {
    const stored = await this.store.get(this.name(slot))
    return stored && this.opened(stored)
  }

  async remove(slot: number): Promise<void> {
    await this.store.remove(this.name(slot))
  }

  /** The key as the store gives it back, if it is whole and signs. */
  private async tried(slot: number): Promise<DeviceKey | undefined> {
    try {
      const key = await this.get(slot)
      if (key === undefined || key.publicKey.length !== KEY_BYTES) return undefined
      return verify(key.publicKey, TEST_MESSAGE, await key.sign(TEST_MESSAGE)) ? key : undefined
    } catch {
      return undefined
    }
  }

  /** Made, stored, read back and tried; undefined if any of it does not work here. */
  private async attempt(slot: number, make: () => Promise<StoredKey>): Promise<DeviceKey | undefined> {
    try {
      await this.store.put(this.name(slot), await make())
    } catch (e) {
      if (e instanceof QmError) throw e
      return undefined
    }
    const key = await this.tried(slot)
    if (key === undefined) await this.store.remove(this.name(slot))
    return key
  }

  async make(slot: number): Promise<DeviceKey> {
    const subtle = this.webCrypto()
    if ((await this.store.get(this.name(slot))) !== undefined) {
      const key = await this.tried(slot)
      if (key === undefined) throw new QmError('corrupt', 'the device key does not open')
      return key
    }
    const hard = await this.attempt(slot, () => hardKey(subtle))
    const key = hard ?? (await this.attempt(slot, () => softKey(subtle, this.random)))
    if (key === undefined) throw new QmError('io', 'this browser keeps no keys')
    return key
  }
}
