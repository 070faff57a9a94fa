/* A database that an earlier version of this made is brought up to date where it is opened, with all that is in it. */
import { expect, test } from 'vitest'
import * as qm from '../src/index.js'
import { Place } from './lib/place.js'
import { CODE, HOUSEHOLD, SERVER, Town } from './lib/town.js'
import { HOST } from './lib/vectors.js'

const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2, 3)

const done = <T>(asked: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(new Error(String(asked.error)))
  })

/** As version 1 had made it: all but the index that version 2 brought. */
async function setBack(name: string): Promise<void> {
  const now = await done(indexedDB.open(name))
  const stores = Array.from(now.objectStoreNames)
  const tx = now.transaction(stores)
  const kept = await Promise.all(
    stores.map(async (store) => {
      const { keyPath, autoIncrement, indexNames } = tx.objectStore(store)
      const indexes = Array.from(indexNames).map((one) => tx.objectStore(store).index(one)).filter((one) => `${store}.${one.name}` !== 'photo.state')
      const [keys, values] = await Promise.all([done(tx.objectStore(store).getAllKeys()), done(tx.objectStore(store).getAll())])
      return { store, keyPath, autoIncrement, indexes: indexes.map(({ name: of, keyPath: path, unique }) => ({ of, path, unique })), keys, values: values as unknown[] }
    }),
  )
  now.close()
  await done(indexedDB.deleteDatabase(name))
  const asked = indexedDB.open(name, 1)
  asked.onupgradeneeded = () => {
    for (const { store, keyPath, autoIncrement, indexes, keys, values } of kept) {
      const made = asked.result.createObjectStore(store, keyPath === null ? { autoIncrement } : { keyPath, autoIncrement })
      for (const { of, path, unique } of indexes) made.createIndex(of, path, { unique })
      values.forEach((value, i) => (keyPath === null ? made.put(value, keys[i]) : made.put(value)))
    }
  }
  ;(await done(asked)).close()
}

test('version 1: records and photos are there, and go out', async () => {
  const place = new Place(new Town())
  const worker = await new qm.Workers(place).add('王')
  const client = await qm.QmClient.open({ worker, platform: place })
  expect(await client.enrol(`${SERVER}/app/#enrol=${CODE}`, SERVER, HOST)).toBe('ok')
  const evidence = [await client.attach(JPEG)]
  await client.record('notice', { household: HOUSEHOLD, text: 'notice-2026-1', state: 'signed', evidence })
  client.close()
  await setBack(`qm.worker.${worker}`)
  const later = await qm.QmClient.open({ worker, platform: place })
  expect(await later.status()).toMatchObject({ counts: { waiting: 1 }, photos: { waiting: 1, refused: 0 } })
  expect(await later.sync()).toMatchObject({ err: 'ok', confirmed: 1, photos: 1 })
  expect(await later.status()).toMatchObject({ counts: { confirmed: 1 }, photos: { waiting: 0, refused: 0 } })
  later.close()
})
