/* Device keys on platforms of every kind: with Ed25519, without it, and with stores that fail. */
import { describe, expect, test } from 'vitest'
import { DeviceKeys, errCode, type KeyStore, publicKey, type StoredKey, utf8, verify } from '../src/index.js'
import { MemoryKeys } from './lib/memory.js'
import { subtle } from './lib/phone.js'
import { seeded } from './lib/town.js'

/** The same WebCrypto as browsers had before Ed25519. */
const old = new Proxy(subtle, {
  get(target, name) {
    const real = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>
    return (...args: unknown[]) =>
      args[0] === 'Ed25519' ? Promise.reject(new Error('NotSupportedError')) : real.apply(target, args)
  },
})
/** Makes Ed25519 keys but does not sign with them, as some did. */
const half = new Proxy(subtle, {
  get(target, name) {
    const real = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>
    return (...args: unknown[]) =>
      name === 'sign' ? Promise.resolve(new ArrayBuffer(64)) : real.apply(target, args)
  },
})
const message = utf8('a message')
const code = (call: () => Promise<unknown>): Promise<string> => call().then(() => 'ok', errCode)

describe.each([
  ['Ed25519 in WebCrypto', subtle, false],
  ['none', old, true],
  ['one that does not sign', half, true],
] as const)('%s', (_, platform, soft) => {
  test('a key signs, is the same when asked again, and its secret cannot be exported', async () => {
    const store = new MemoryKeys()
    const keys = new DeviceKeys(store, platform, seeded('a'))
    const made = await keys.make(1)
    expect(made.soft).toBe(soft)
    expect(verify(made.publicKey, message, await made.sign(message))).toBe(true)
    const again = await keys.make(1)
    expect(again.publicKey).toEqual(made.publicKey)
    const read = (await new DeviceKeys(store, platform, seeded('b')).get(1))!
    expect(verify(made.publicKey, message, await read.sign(message))).toBe(true)
    const stored = store.kept.get('device-1')!
    const secret = stored.kind === 'hard' ? stored.secret : stored.wrapper
    expect(secret.extractable).toBe(false)
    expect((await keys.make(2)).publicKey).not.toEqual(made.publicKey)
    await keys.remove(1)
    expect(await keys.get(1)).toBeUndefined()
    expect(store.kept.size).toBe(1)
  })
})

describe('faults', () => {
  test('no WebCrypto at all', async () => {
    expect(await code(() => new DeviceKeys(new MemoryKeys(), undefined, seeded('a')).make(1))).toBe('io')
  })
  test('a store that forgets leaves no key that counts', async () => {
    const store = new MemoryKeys()
    store.put = () => Promise.resolve()
    expect(await code(() => new DeviceKeys(store, subtle, seeded('a')).make(1))).toBe('io')
  })
  test('a store that cannot keep a WebCrypto key of Ed25519 gets a soft one', async () => {
    const store = new MemoryKeys()
    const put = store.put.bind(store)
    store.put = (name, key) => (key.kind === 'hard' ? Promise.reject(new Error('DataCloneError')) : put(name, key))
    expect((await new DeviceKeys(store, subtle, seeded('a')).make(1)).soft).toBe(true)
  })
  test('a full store is said to be full', async () => {
    const { QmError } = await import('../src/index.js')
    const store: KeyStore = {
      get: () => Promise.resolve(undefined),
      put: () => Promise.reject(new QmError('disk-full')),
      remove: () => Promise.resolve(),
    }
    expect(await code(() => new DeviceKeys(store, subtle, seeded('a')).make(1))).toBe('disk-full')
  })
  test('a stored key that does not open is never replaced', async () => {
    const store = new MemoryKeys()
    const keys = new DeviceKeys(store, old, seeded('a'))
    await keys.make(1)
    const stored = store.kept.get('device-1') as StoredKey & { kind: 'soft' }
    for (const change of [
      { sealed: stored.sealed.map((b, i) => (i === 3 ? b ^ 1 : b)) },
      { nonce: stored.nonce.map((b) => b ^ 1) },
      { publicKey: publicKey(new Uint8Array(32)) },
    ]) {
      store.kept.set('device-1', { ...stored, ...change })
      expect(await code(() => keys.make(1))).toBe('corrupt')
      expect(await code(async () => (await keys.get(1))!.sign(message))).toBe('corrupt')
    }
  })
})
