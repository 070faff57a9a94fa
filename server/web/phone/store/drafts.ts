// The form that is being filled in, kept through a reload, an update or the death of the tab.
//
// Sealed by a key that cannot be taken out of this browser, one database a worker.  Pictures lie
// beside their form, because they are large and never change.
// Failure mode: a browser that keeps nothing loses the draft only; saved records are elsewhere.
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'

interface Sealed {
  nonce: Uint8Array<ArrayBuffer>
  bytes: ArrayBuffer
}
interface Shape extends DBSchema {
  key: { key: 'key'; value: CryptoKey }
  form: { key: string; value: Sealed }
  picture: { key: [household: string, name: string]; value: Sealed }
}
type Store = IDBPDatabase<Shape>
const NONCE_BYTES = 12
const AES = { name: 'AES-GCM', length: 256 }

async function keyOf(db: Store): Promise<CryptoKey> {
  const there = await db.get('key', 'key')
  if (there !== undefined) return there
  const made = await crypto.subtle.generateKey(AES, false, ['encrypt', 'decrypt'])
  const tx = db.transaction('key', 'readwrite')
  // Another tab may have been faster.
  const kept = await tx.store.get('key')
  if (kept === undefined) await tx.store.put(made, 'key')
  await tx.done
  return kept ?? made
}

async function seal(key: CryptoKey, plain: Uint8Array<ArrayBuffer>): Promise<Sealed> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
  return { nonce, bytes: await crypto.subtle.encrypt({ name: AES.name, iv: nonce }, key, plain) }
}
async function opened(key: CryptoKey, sealed: Sealed): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.decrypt({ name: AES.name, iv: sealed.nonce }, key, sealed.bytes))
}

export class Drafts {
  private constructor(
    private readonly db: Store,
    private readonly key: CryptoKey,
  ) {}

  static async open(worker: string): Promise<Drafts> {
    const db = await openDB<Shape>(`qm.draft.${worker}`, 1, {
      upgrade(fresh) {
        fresh.createObjectStore('key')
        fresh.createObjectStore('form')
        fresh.createObjectStore('picture')
      },
    })
    return new Drafts(db, await keyOf(db))
  }

  async keep(household: string, form: unknown): Promise<void> {
    await this.db.put('form', await seal(this.key, new TextEncoder().encode(JSON.stringify(form))), household)
  }

  async keepPicture(household: string, name: string, picture: Blob): Promise<void> {
    await this.db.put('picture', await seal(this.key, new Uint8Array(await picture.arrayBuffer())), [household, name])
  }

  /** undefined: none, or one that cannot be read any more. */
  async form(household: string): Promise<unknown> {
    const sealed = await this.db.get('form', household)
    if (sealed === undefined) return undefined
    try {
      return JSON.parse(new TextDecoder().decode(await opened(this.key, sealed))) as unknown
    } catch {
      return undefined
    }
  }

  async picture(household: string, name: string): Promise<Uint8Array | undefined> {
    const sealed = await this.db.get('picture', [household, name])
    return sealed === undefined ? undefined : opened(this.key, sealed)
  }

  /** Doors with a form that was begun. */
  begun(): Promise<string[]> {
    return this.db.getAllKeys('form')
  }

  async drop(household: string): Promise<void> {
    const tx = this.db.transaction(['form', 'picture'], 'readwrite')
    const gone = [
      tx.objectStore('form').delete(household),
      tx.objectStore('picture').delete(IDBKeyRange.bound([household, ''], [household, '\uffff'])),
    ]
    // From here on it happens, even if the page dies.
    tx.commit?.()
    await Promise.all([...gone, tx.done])
  }

  close(): void {
    this.db.close()
  }
}
