/* The tests' own writing of the contract against the worked values, so that what they send is right
 * where it should be right. */
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Device } from './lib/device'
import { root } from './lib/where'
import { leafHash, merkleRoot, note, receiptVerify, SigningKey, vkeyRead, vkeyText } from './lib/wire'

interface Vectors {
  device: { name: string; seed_hex: string; vkey: string }
  log: { vkey: string }
  events: { E: string; leaf_hash_hex: string }[]
  batch: { signed_text: string; note: string; root_hex: string }
  receipt: string | Record<string, unknown>
  http_get: { 'Signature-Input': string; Signature: string }
}

const vectors = JSON.parse(readFileSync(join(root, 'tests/vectors/protocol-vectors.json'), 'utf8')) as Vectors

function vectorDevice(): Device {
  const device = new Device('', 'qm.example.gov.cn')
  device.key = SigningKey.ofSeed(Buffer.from(vectors.device.seed_hex, 'hex'))
  Object.assign(device, { name: vectors.device.name })
  return device
}

test('the device key of the vectors comes out', () => {
  assert.equal(vkeyText(vectorDevice().vkey), vectors.device.vkey)
  assert.deepEqual(vkeyRead(vectors.device.vkey), vectorDevice().vkey)
})

test('leaf hashes and root of the vectors come out', () => {
  const leaves = vectors.events.map((event) => leafHash(event.E))
  assert.deepEqual(leaves.map((leaf) => leaf.toString('hex')), vectors.events.map((event) => event.leaf_hash_hex))
  assert.equal(merkleRoot(leaves).toString('hex'), vectors.batch.root_hex)
})

test('the batch note of the vectors comes out', () => {
  const device = vectorDevice()
  assert.equal(note(vectors.batch.signed_text, device.name, device.key), vectors.batch.note)
})

test('the signed request of the vectors comes out', () => {
  const headers = vectorDevice().requestHeaders('GET', '/v1/changes?since=73894', undefined, { created: 1757203300 })
  assert.equal(headers['signature-input'], vectors.http_get['Signature-Input'])
  assert.equal(headers['signature'], vectors.http_get.Signature)
})

test('the receipt of the vectors holds, and with one letter changed it does not', () => {
  const text = typeof vectors.receipt === 'string' ? vectors.receipt : (vectors.receipt['text'] as string)
  const key = vkeyRead(vectors.log.vkey)
  assert.ok(receiptVerify(text, key).size > 0)
  assert.throws(() => receiptVerify(text.replace(/\nindex (\d+)/, (_, n: string) => `\nindex ${Number(n) + 1}`), key))
})
