/* The file of the unsent queue: what is cut, changed or opened with another passphrase.  That the C
 * command reads it, and the other way round, is tested on a real one in tests/sdk. */
import { describe, expect, test } from 'vitest'
import { queueRead, queueWrite } from '../src/queue_file.js'
import { SecretStream, TAG_FINAL } from '../src/secretstream.js'
import * as qm from '../src/index.js'
import { seeded } from './lib/town.js'

const queue = { batches: [qm.utf8('one'), new Uint8Array(100000).map((_, i) => i)], photos: [qm.utf8('two'), new Uint8Array(0)] }
const PASS = '雨天也要走访'

describe('the file', () => {
  test('comes back whole; another passphrase, a cut, a changed byte are noticed', async () => {
    const file = await queueWrite(queue, PASS, seeded('file'))
    expect(await queueRead(file, PASS)).toEqual(queue)
    await expect(queueRead(file, `${PASS}x`)).rejects.toMatchObject({ code: 'corrupt' })
    for (const cut of [0, 17, 60, 70, file.length - 1])
      await expect(queueRead(file.slice(0, cut), PASS)).rejects.toMatchObject({ code: 'corrupt' })
    for (const at of [0, 72, 5000, file.length - 1]) {
      const changed = file.slice()
      changed[at]! ^= 1
      await expect(queueRead(changed, PASS)).rejects.toMatchObject({ code: 'corrupt' })
    }
    await expect(queueRead(qm.concat(file, Uint8Array.of(0)), PASS)).rejects.toMatchObject({ code: 'corrupt' })
    await expect(queueWrite(queue, 'short', seeded('x'))).rejects.toMatchObject({ code: 'invalid' })
  })
  test('a cost that would take the phone down is refused', async () => {
    const file = qm.concat(qm.utf8('qiaomen-outbox-v1\n'), Uint8Array.of(0, 0, 0, 3, 0xff, 0xff, 0xff, 0xff), new Uint8Array(60))
    await expect(queueRead(file, PASS)).rejects.toMatchObject({ code: 'corrupt' })
  })
})

describe('the stream', () => {
  const key = qm.sha256(qm.utf8('key'))
  const header = qm.sha256(qm.utf8('header')).slice(0, 24)
  test('frames in another order, twice, or with another length do not open', () => {
    const out = new SecretStream(key, header)
    const frames = [0, 0, TAG_FINAL].map((tag, i) => out.push(qm.utf8(`frame ${i}`), Uint8Array.of(i), tag))
    const into = new SecretStream(key, header)
    expect(qm.outcome(() => new SecretStream(key, header).pull(frames[1]!, Uint8Array.of(1)))).toBe('corrupt')
    frames.forEach((frame, i) => expect(into.pull(frame, Uint8Array.of(i))).toEqual({ message: qm.utf8(`frame ${i}`), tag: i === 2 ? TAG_FINAL : 0 }))
    expect(qm.outcome(() => into.pull(frames[2]!, Uint8Array.of(2)))).toBe('corrupt')
    expect(qm.outcome(() => new SecretStream(key, header).pull(frames[0]!, Uint8Array.of(9)))).toBe('corrupt')
    expect(qm.outcome(() => new SecretStream(key, header).pull(frames[0]!.slice(0, 16), Uint8Array.of(0)))).toBe('corrupt')
  })
})
