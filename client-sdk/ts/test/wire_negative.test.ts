/* Every case of tests/vectors/negative.json is judged as the C code judges it. */
import { expect, test } from 'vitest'
import { batchHeadRead, batchLinesRead } from '../src/wire/batch.js'
import { hexRead, utf8, utf8Read } from '../src/wire/bytes.js'
import { outcome } from '../src/wire/err.js'
import { eventRead } from '../src/wire/event.js'
import { checkpointRead, noteRead, noteVerify, vkeyRead } from '../src/wire/note.js'
import { lineCheck, privateRead } from '../src/wire/private.js'
import { receiptVerify } from '../src/wire/receipt.js'
import { reqsigVerify } from '../src/wire/reqsig.js'
import { type Case, cases } from './lib/vectors.js'

type Judge = (c: Case, bytes: Uint8Array) => string

const judges: Record<string, Judge> = {
  E: (_, bytes) => outcome(() => eventRead(bytes)),
  P: (_, bytes) => outcome(() => privateRead(bytes)),
  line(_, bytes) {
    const tab = bytes.indexOf(9)
    const found = lineCheck(tab < 0 ? bytes : bytes.subarray(0, tab), tab < 0 ? undefined : bytes.subarray(tab + 1))
    return typeof found === 'string' ? found : 'ok'
  },
  vkey: (_, bytes) => outcome(() => vkeyRead(utf8Read(bytes))),
  note: (c, bytes) =>
    outcome(() => {
      const note = noteRead(bytes)
      checkpointRead(note.text)
      noteVerify(note, vkeyRead(c.key!))
    }),
  receipt: (c, bytes) => outcome(() => receiptVerify(bytes, vkeyRead(c.key!))),
  batch: (c, bytes) =>
    outcome(() => {
      const head = batchHeadRead(bytes, c.host!)
      noteVerify(head.note, vkeyRead(c.key!))
      batchLinesRead(bytes, head)
    }),
  reqsig: (c) =>
    outcome(() =>
      reqsigVerify(
        {
          method: c.method!,
          authority: c.authority!,
          path: c.path!,
          query: c.query ?? '',
          body: c.content_type === undefined ? undefined : { type: c.content_type, bytes: utf8(c.body ?? '') },
        },
        { input: c.input!, signature: c.signature!, digest: c.digest },
        vkeyRead(c.key!),
        c.now!,
      ),
    ),
}

test('there are as many cases as there were, most of them to be refused', () => {
  expect(cases.length).toBeGreaterThanOrEqual(1020)
  expect(cases.filter((c) => c.expect !== 'ok').length).toBeGreaterThan(800)
  expect(new Set(cases.map((c) => c.name)).size).toBe(cases.length)
})

test.each(cases.map((c) => [c.name, c] as const))('%s', (_, c) => {
  const bytes = c.hex !== undefined ? hexRead(c.hex) : utf8(c.text ?? '')
  expect(judges[c.what]!(c, bytes)).toBe(c.expect)
})
