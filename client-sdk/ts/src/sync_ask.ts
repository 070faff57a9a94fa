/* sync_ask.ts - requests as bytes, and the answers of enrolment and rotation.  No I/O.
 *
 * A request is signed over the configured host and the time that the caller gives.
 */
import type { Signer } from './ports.js'
import type { AskKind } from './sync_judge.js'
import { hex, utf8 } from './wire/bytes.js'
import { isAccount, isGrid, isHost, isPseudonym, logNameRead } from './wire/codec.js'
import { QmError } from './wire/err.js'
import { jsonQuote, jsonRead, string, strings } from './wire/json.js'
import { noteSign, signatureLine, type VerifierKey, vkeyRead, vkeyWrite } from './wire/note.js'
import { reqsigSign } from './wire/reqsig.js'
import { sha256 } from './wire/sha256.js'

const ANSWER_MAX_BYTES = 262144
const CHANGES_MAX_BYTES = 32 * 1048576
export const BATCH_TYPE = 'application/vnd.qiaomen.batch.v1'

export interface Ask {
  kind: AskKind
  method: 'GET' | 'POST' | 'PUT'
  /** path and query, to be put behind the server's address */
  target: string
  headers: Record<string, string>
  body?: Uint8Array | undefined
  /** a longer answer is not read: it failed with `too-large` */
  answerMaxBytes: number
}

function post(kind: AskKind, target: string, type: string, body: Uint8Array): Ask {
  return { kind, method: 'POST', target, headers: { 'Content-Type': type }, body, answerMaxBytes: ANSWER_MAX_BYTES }
}

/* ---- enrolment and rotation ---- */

export interface EnrolmentCode {
  county: string
  code: string
}

/** "<6-digit county>.<22 characters>"; `invalid` for anything else. */
export function codeRead(code: string): EnrolmentCode {
  const found = /^([1-9][0-9]{5})\.(.{22})$/.exec(code)
  if (!found || !isPseudonym(found[2]!)) throw new QmError('invalid', 'enrolment code')
  return { county: found[1]!, code }
}

/** "https://host[:port]" -> authority, with the port if it is not 443; `invalid` for anything else. */
export function authorityOf(server: string): string {
  const found = /^(https?):\/\/([^/@?#]+)\/?$/.exec(server)
  const authority = found?.[2]?.replace(/:443$/, '') ?? ''
  const named = found?.[1] === 'http' && !/:[0-9]+$/.test(found[2]!) ? `${authority}:80` : authority
  if (!isHost(named)) throw new QmError('invalid', 'server is not http(s)://host[:port]')
  return named
}

/** "<host>/device/v1\n<device>\n<vkey>\n" */
const deviceText = (host: string, key: VerifierKey): string => `${host}/device/v1\n${key.name}\n${vkeyWrite(key)}\n`

export async function askEnrol(host: string, device: Signer, code: string, soft: boolean): Promise<Ask> {
  const note = await noteSign(deviceText(host, device.key), device.key, device.sign)
  const body = `{"code":${jsonQuote(code)},"note":${jsonQuote(note)},"key":"${soft ? 'soft' : 'hard'}"}`
  return post('enrol', '/v1/devices', 'application/json', utf8(body))
}

export async function askRotate(host: string, from: Signer, to: Signer, soft: boolean): Promise<Ask> {
  const text = deviceText(host, to.key)
  const note = (await noteSign(text, from.key, from.sign)) + (await signatureLine(text, to.key, to.sign))
  const body = `{"note":${jsonQuote(note)},"key":"${soft ? 'soft' : 'hard'}"}`
  return post('rotate', '/v1/devices/rotate', 'application/json', utf8(body))
}

export interface Enrolled {
  account: string
  grids: string[]
  log: VerifierKey
}

const enrolled = { account: string(2, 16), grids: strings(0, 64), log: string(1, 380) }

/** `unknown-outcome`: not the whole answer; `proof`: it is not one for this host and county. */
export function enrolledRead(body: Uint8Array, host: string, county: string): Enrolled {
  let answer
  try {
    answer = jsonRead(body, enrolled)
  } catch {
    throw new QmError('unknown-outcome', 'the answer is cut, or not from the server')
  }
  try {
    const log = vkeyRead(answer.log)
    const good = isAccount(answer.account) && answer.grids.every(isGrid)
    if (good && logNameRead(log.name, host).county === county)
      return { account: answer.account, grids: answer.grids, log }
  } catch {
    // the same as another host or county
  }
  throw new QmError('proof', 'the answer does not fit code and host')
}

/* ---- records, photos, changes ---- */

export const askBatch = (body: Uint8Array): Ask => post('batch', '/v1/sync', BATCH_TYPE, body)

async function askPut(
  kind: AskKind,
  host: string,
  device: Signer,
  path: string,
  body: { bytes: Uint8Array; type: string },
  nowS: number,
): Promise<Ask> {
  const request = { method: 'PUT', authority: host, path, query: '', body }
  const signed = await reqsigSign(request, device.key, device.sign, nowS)
  const headers = {
    'Content-Type': body.type,
    'Content-Digest': signed.digest ?? '',
    'Signature-Input': signed.input,
    Signature: signed.signature,
  }
  return { kind, method: 'PUT', target: path, headers, body: body.bytes, answerMaxBytes: ANSWER_MAX_BYTES }
}

export function askAcknowledge(host: string, device: Signer, directive: string, nowS: number): Promise<Ask> {
  const body = { bytes: utf8('{}'), type: 'application/json' }
  return askPut('acknowledge', host, device, `/v1/phone/directives/${directive}/acknowledged`, body, nowS)
}

export function askPhoto(
  host: string,
  device: Signer,
  photo: { bytes: Uint8Array; type: string },
  nowS: number,
): Promise<Ask> {
  return askPut('photo', host, device, `/v1/blobs/${hex(sha256(photo.bytes))}`, photo, nowS)
}

/** RFC 3986: everything but unreserved characters. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

export async function askChanges(host: string, device: Signer, since: string, nowS: number): Promise<Ask> {
  const path = '/v1/changes'
  const query = since === '' ? '' : `since=${encoded(since)}`
  const signed = await reqsigSign({ method: 'GET', authority: host, path, query }, device.key, device.sign, nowS)
  return {
    kind: 'changes',
    method: 'GET',
    target: query === '' ? path : `${path}?${query}`,
    headers: { 'Signature-Input': signed.input, Signature: signed.signature },
    answerMaxBytes: CHANGES_MAX_BYTES,
  }
}
