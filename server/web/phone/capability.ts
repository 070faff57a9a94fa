// Can this browser do the work?  Each ability is tried, not read off the browser's name.
//
// "yes"; "soft": it works, with less protection or comfort, said in a line; "no": without it nothing
// may begin, because records could be lost or could not be signed.
export type Ability = 'yes' | 'soft' | 'no'
export interface Finding {
  id: 'secure' | 'keys' | 'storage' | 'offline' | 'persist' | 'camera'
  ability: Ability
}

/** What is asked of the browser; a parameter so that each answer can be tried. */
export interface Place {
  secure: boolean
  subtle: SubtleCrypto | undefined
  indexedDB: IDBFactory | undefined
  serviceWorker: boolean
  persisted: (() => Promise<boolean>) | undefined
  camera: boolean
}

export function placeHere(): Place {
  const storage: StorageManager | undefined = navigator.storage
  const media: MediaDevices | undefined = navigator.mediaDevices
  return {
    secure: window.isSecureContext,
    subtle: (window.crypto as Crypto | undefined)?.subtle,
    indexedDB: (window as { indexedDB?: IDBFactory }).indexedDB,
    serviceWorker: 'serviceWorker' in navigator,
    persisted: typeof storage?.persist === 'function' ? () => storage.persisted() : undefined,
    camera: typeof media?.getUserMedia === 'function',
  }
}

const MESSAGE = new Uint8Array([113, 109, 49])
type Signer = { key: CryptoKey; check: (subtle: SubtleCrypto, key: CryptoKey) => Promise<boolean> }

async function hardKey(subtle: SubtleCrypto): Promise<Signer> {
  const pair = (await subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair
  return {
    key: pair.privateKey,
    check: async (s, key) => s.verify('Ed25519', pair.publicKey, await s.sign('Ed25519', key, MESSAGE), MESSAGE),
  }
}

/** A key that would wrap a key made in software. */
async function wrappingKey(subtle: SubtleCrypto): Promise<Signer> {
  const key = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  return {
    key,
    check: async (s, k) => {
      const how = { name: 'AES-GCM', iv: new Uint8Array(12) }
      return (await s.decrypt(how, k, await s.encrypt(how, k, MESSAGE))).byteLength === MESSAGE.length
    },
  }
}

function asked<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('IndexedDB'))
  })
}

/** Writes the key, closes, reads it back: some browsers lose it on the way. */
async function keyKept(factory: IDBFactory, key: CryptoKey): Promise<CryptoKey> {
  const name = 'qm.try'
  const open = async () => {
    const request = factory.open(name, 1)
    request.onupgradeneeded = () => request.result.createObjectStore('keys')
    return asked(request)
  }
  try {
    const first = await open()
    const put = first.transaction('keys', 'readwrite').objectStore('keys').put(key, 'key')
    await asked(put)
    first.close()
    const second = await open()
    const back = await asked(second.transaction('keys').objectStore('keys').get('key'))
    second.close()
    if (!(back instanceof CryptoKey)) throw new Error('the key did not come back')
    return back
  } finally {
    factory.deleteDatabase(name)
  }
}

async function keysTry(subtle: SubtleCrypto): Promise<{ ability: Ability; signer: Signer | null }> {
  for (const [ability, make] of [
    ['yes', hardKey],
    ['soft', wrappingKey],
  ] as const) {
    try {
      const signer = await make(subtle)
      if (await signer.check(subtle, signer.key)) return { ability, signer }
    } catch {
      // not this kind: the next one
    }
  }
  return { ability: 'no', signer: null }
}

async function storageTry(place: Place, signer: Signer | null): Promise<Ability> {
  if (place.indexedDB === undefined || place.subtle === undefined || signer === null) return 'no'
  try {
    const back = await keyKept(place.indexedDB, signer.key)
    return (await signer.check(place.subtle, back)) ? 'yes' : 'no'
  } catch {
    return 'no'
  }
}

export async function capability(place: Place): Promise<Finding[]> {
  const keys = place.subtle === undefined ? { ability: 'no' as const, signer: null } : await keysTry(place.subtle)
  const persisted = place.persisted === undefined ? false : await place.persisted().catch(() => false)
  return [
    { id: 'secure', ability: place.secure ? 'yes' : 'no' },
    { id: 'keys', ability: keys.ability },
    { id: 'storage', ability: await storageTry(place, keys.signer) },
    { id: 'offline', ability: place.serviceWorker ? 'yes' : 'no' },
    { id: 'persist', ability: persisted ? 'yes' : 'soft' },
    { id: 'camera', ability: place.camera ? 'yes' : 'soft' },
  ]
}

/** WeChat's own browser, by its name: it can be told in no other way, and its storage does not last. */
export function isWeChat(userAgent: string): boolean {
  return /MicroMessenger\//i.test(userAgent)
}
