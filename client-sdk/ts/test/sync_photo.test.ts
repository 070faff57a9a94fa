/* Photos that the server, or the way to it, does not take for the moment: they wait, and nothing else does. */
import { beforeEach, describe, expect, test } from 'vitest'
import * as qm from '../src/index.js'
import { Phone, wire } from './lib/phone.js'
import { Place } from './lib/place.js'
import { CODE, problem, SERVER, Town } from './lib/town.js'
import { HOST } from './lib/vectors.js'

const jpeg = (n: number): Uint8Array => Uint8Array.of(0xff, 0xd8, 0xff, n)
const HOUR_MS = 3600000

let town: Town
beforeEach(() => {
  town = new Town()
})

describe('a photo that the server defers', () => {
  let phone: Phone
  let names: string[]
  const kinds = (): qm.AskKind[] => phone.asked.splice(0).map((ask) => ask.kind)
  /** These photos get this answer; all else is taken. */
  const refuse = (said: qm.Said, ...photos: string[]): void => {
    phone.network = (ask, answer) => (photos.some((name) => ask.target.endsWith(name)) ? Promise.resolve(said) : answer())
  }
  beforeEach(async () => {
    phone = await Phone.enrolled(town, 'phone')
    names = [1, 2].map((n) => phone.outbox.attach(jpeg(n), 'image/jpeg'))
    phone.visit()
    kinds()
  })

  test('holds up neither records nor `changes`, in that round and in those of the hour', async () => {
    refuse({ ...problem('quota-exceeded'), retryAfterS: 3600 }, ...names)
    const next = { ms: town.nowMs + HOUR_MS, why: 'quota-exceeded' }
    expect(await phone.round()).toMatchObject({ err: 'ok', confirmed: 1, photos: 0, photosNext: next })
    expect(kinds()).toEqual(['batch', 'photo', 'changes'])
    phone.visit()
    expect(await phone.round()).toMatchObject({ err: 'ok', confirmed: 1, photosNext: next })
    expect(kinds()).toEqual(['batch', 'changes'])
    town.nowMs = next.ms
    phone.network = wire
    const last = await phone.round()
    expect([last.err, last.photos, last.photosNext]).toEqual(['ok', 2, undefined])
    expect((await phone.outbox.state()).photoPace).toBeUndefined()
  })
  test('is not asked for again in the same round, even where the server names no time; by hand it is', async () => {
    refuse({ ...problem('overload'), retryAfterS: 0 }, ...names)
    expect(await phone.round()).toMatchObject({ err: 'ok', photosNext: { ms: town.nowMs + qm.PACE_MIN_MS, why: 'overload' } })
    expect(kinds()).toEqual(['batch', 'photo', 'changes'])
    phone.network = wire
    await phone.sync.tryAgain()
    expect(await phone.round()).toMatchObject({ err: 'ok', photos: 2 })
  })
  test('goes behind the others, whatever the fault', async () => {
    const [bad, good] = names as [string, string]
    for (const said of [{ failed: 'unknown-outcome' }, problem('internal'), problem('stale-signature')] satisfies qm.Said[]) {
      refuse(said, bad)
      const { photosNext } = await phone.round()
      town.nowMs = photosNext!.ms
      await phone.round()
      expect([...town.photos.keys()], JSON.stringify(said)).toEqual([good])
      expect((await phone.outbox.nextPhoto())?.sha256).toBe(bad)
      town.photos.clear()
      phone.outbox.photos.forEach((photo) => (photo.waiting = true))
      await phone.sync.tryAgain()
      phone.outbox.photos.sort((a, b) => names.indexOf(a.sha256) - names.indexOf(b.sha256))
    }
  })
  test('stops everything where the phone itself was stopped', async () => {
    refuse(problem('revoked'), ...names)
    expect(await phone.round()).toMatchObject({ err: 'revoked' })
    expect((await phone.outbox.state()).stopped).toBe('revoked')
  })
})

describe('on the phone', () => {
  let place: Place
  let client: qm.QmClient
  beforeEach(async () => {
    place = new Place(town)
    client = await qm.QmClient.open({ worker: await new qm.Workers(place).add('王网格员'), platform: place })
    expect(await client.enrol(`${SERVER}/app/#enrol=${CODE}`, SERVER, HOST)).toBe('ok')
    for (const n of [1, 2, 3]) {
      town.nowMs++
      await client.attach(jpeg(n))
    }
    place.asked = []
    return () => client.close()
  })

  test('the first one of three fails each time: the status says why, and the others are sent before it', async () => {
    const bad = qm.hex(qm.sha256(jpeg(1)))
    let tried = 0
    place.network = async (kind, answer) => {
      if (kind === 'photo' && tried++ === 0) return problem('internal')
      return answer()
    }
    expect(await client.sync()).toMatchObject({ err: 'ok', photos: 0 })
    expect(place.asked).toEqual(['photo', 'changes'])
    const { photos, next } = await client.status()
    expect([photos.waiting, photos.next?.why, next]).toEqual([3, 'internal', undefined])
    town.nowMs = photos.next!.ms
    expect(await client.sync()).toMatchObject({ photos: 3 })
    expect([...town.photos.keys()].indexOf(bad)).toBe(2)
    expect((await client.status()).photos).toMatchObject({ waiting: 0, next: undefined })
  })

  test('the rounds in the background come back for it when its time is there', async () => {
    let tried = 0
    place.network = async (kind, answer) => (kind === 'photo' && tried++ === 0 ? problem('overload') : answer())
    const stop = client.keepSyncing()
    const before = town.nowMs
    await expect.poll(() => place.ring()).toBe(true)
    await expect.poll(() => place.timers.length).toBe(1)
    expect(town.photos.size).toBe(0)
    place.ring()
    await expect.poll(() => town.photos.size).toBe(3)
    expect(town.nowMs - before).toBeLessThan(10_000)
    stop()
  })
})
