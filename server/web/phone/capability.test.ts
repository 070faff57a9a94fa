import { webcrypto } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { capability, isWeChat, type Place } from './capability'
import { codeOf } from './enrol_link'

const subtle = webcrypto.subtle as unknown as SubtleCrypto
const none: Place = {
  secure: true,
  subtle,
  indexedDB: undefined,
  serviceWorker: true,
  persisted: () => Promise.resolve(true),
  camera: true,
}

async function found(place: Partial<Place>): Promise<Record<string, string>> {
  const findings = await capability({ ...none, ...place })
  return Object.fromEntries(findings.map((f) => [f.id, f.ability]))
}

/** The real WebCrypto, but without some of its algorithms. */
function without(...names: string[]): SubtleCrypto {
  return new Proxy(subtle, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...a: unknown[]) => unknown
      return (...args: unknown[]) => {
        const how = args[0]
        const algorithm = typeof how === 'string' ? how : (how as { name: string }).name
        return names.includes(algorithm)
          ? Promise.reject(new DOMException('unknown algorithm', 'NotSupportedError'))
          : method.apply(target, args)
      }
    },
  })
}

describe('what a browser can do', () => {
  it('signing is tried, and a browser without it gets the softer way', async () => {
    expect((await found({}))['keys']).toBe('yes')
    expect((await found({ subtle: without('Ed25519') }))['keys']).toBe('soft')
    expect((await found({ subtle: without('Ed25519', 'AES-GCM') }))['keys']).toBe('no')
    expect((await found({ subtle: undefined }))['keys']).toBe('no')
  })

  it('no storage is no', async () => {
    expect((await found({}))['storage']).toBe('no')
    const broken = {
      open: () => {
        throw new DOMException('private browsing', 'InvalidStateError')
      },
      deleteDatabase: () => undefined,
    } as unknown as IDBFactory
    expect((await found({ indexedDB: broken }))['storage']).toBe('no')
  })

  it('the rest is said as it is', async () => {
    const bad = await found({
      secure: false,
      serviceWorker: false,
      persisted: () => Promise.reject(new Error('no')),
      camera: false,
    })
    expect(bad).toMatchObject({ secure: 'no', offline: 'no', persist: 'soft', camera: 'soft' })
    expect((await found({ persisted: undefined }))['persist']).toBe('soft')
    expect(await found({})).toMatchObject({ secure: 'yes', offline: 'yes', persist: 'yes', camera: 'yes' })
  })
})

it('knows the browser of WeChat', () => {
  expect(isWeChat('Mozilla/5.0 (Linux; Android 12) Chrome/107 XWEB/5023 MMWEBSDK/2022 MicroMessenger/8.0.30')).toBe(true)
  expect(isWeChat('Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/137.0 Mobile Safari/537.36')).toBe(false)
})

it('takes a code of the right form only', () => {
  const code = '140522.AAAAAAAAAAAAAAAAAAAAAA'
  expect(codeOf(`#enrol=${code}`)).toBe(code)
  for (const bad of ['', '#', '#enrol=', '#enrol=140522', `#enrol=${code}x`, `#x=${code}`, `#enrol=${code}&a=1`])
    expect(codeOf(bad)).toBeNull()
})
