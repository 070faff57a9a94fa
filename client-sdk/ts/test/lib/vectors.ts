/* The worked values and the cases that every implementation judges alike (tests/vectors). */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = process.env['QM_ROOT'] ?? fileURLToPath(new URL('../../../..', import.meta.url))

export function fileText(path: string): string {
  return readFileSync(`${root}/${path}`, 'utf8')
}

export interface Vectors {
  device: { name: string; seed_hex: string; public_key_hex: string; vkey: string }
  log: { origin: string; seed_hex: string; public_key_hex: string; vkey: string }
  events: { E: string; leaf_hash_hex: string; P?: string; P_sha256_hex?: string }[]
  batch: { signed_text: string; note: string; root_hex: string; body: string; body_bytes: number; body_sha256_hex: string }
  event_receipts: string[]
  rotate: { new_seed_hex: string; new_vkey: string; note: string }
  enrol_note: string
  receipt: string
  log_entries: string[]
  log_leaf_hashes_hex: string[]
  checkpoints: Record<string, string>
  consistency: Record<string, string[]>
  bulletin: { roster: string; rule: string; result: string; public: string; receipt: string }
  tile_level0_partial7_hex: string
  http_get: Record<'base' | 'Signature-Input' | 'Signature', string>
  http_post: Record<'Content-Digest' | 'body' | 'base' | 'Signature-Input' | 'Signature', string>
}
export const vectors = JSON.parse(fileText('tests/vectors/protocol-vectors.json')) as Vectors

export interface Case {
  name: string
  what: string
  text?: string
  hex?: string
  expect: string
  key?: string
  host?: string
  method?: string
  authority?: string
  path?: string
  query?: string
  content_type?: string
  body?: string
  input?: string
  signature?: string
  digest?: string
  now?: number
}
export const cases = JSON.parse(fileText('tests/vectors/negative.json')) as Case[]

export const HOST = 'qm.example.gov.cn'
export const NOW_S = 1757203300
