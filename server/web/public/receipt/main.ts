// A household's own receipt: the link on the paper copy is https://HOST/r/#<event id>.<s>.
//
// The two parts behind the # reach the server only in the body of the question. What it answers is
// checked here (proof.ts) before any of it is shown as recorded; one that does not hold is refused
// without a word of its content.
import { Problem } from '@shared/api/problem'
import { phonesIn } from '@shared/complaints'
import { openObject, receipt, type Receipt } from '@shared/api/public'
import { counties } from '@shared/api/session'
import { time } from '@shared/format'
import { el, list } from '../dom'
import { language, page, problemText } from '../page'
import { linkRead, receiptCheck, stateOf, type Recorded } from './proof'
import { contactOf, textOf, textsRead, type SignedText } from './texts'
import { receiptWords } from './words'

type State =
  | { is: 'looking' | 'no_link' | 'not_found' | 'differs' }
  | { is: 'failed'; problem: unknown }
  | { is: 'found'; recorded: Recorded; hidden: Receipt['private']; texts: SignedText[] | null }

let state: State = { is: 'looking' }
const w = () => receiptWords[language]
const named = (table: Record<string, string>, key: string) => table[key] ?? key

function recordedPairs({ event, index, recvMs }: Recorded): [string, string][] {
  const pairs: [string, string][] = [[w().what, named(w().kind, event.kind)]]
  const how = stateOf(event)
  if (how !== null) pairs.push([w().state_of, named(w().state, how)])
  pairs.push([w().when, time(event.at)], [w().received, time(recvMs)], [w().log, w().entry.replace('{n}', String(index))])
  if ('text' in event) pairs.push([w().text, event.text])
  return pairs
}

/** Who was met at a visit is who stood by when somebody signed: a witness of what was signed. */
function partName(kind: Recorded['event']['kind'], key: string): string {
  const witnessed = key === 'met' && (kind === 'notice' || kind === 'pledge')
  return named(w().part, witnessed ? 'witness' : key)
}

function checked({ index, keyId }: Recorded): Node {
  const { title, log, batch, event } = w().checked
  const lines = [log.replace('{key}', keyId), batch.replace('{n}', String(index)), event]
  const items = lines.map((line) => el('li', {}, line))
  return el('section', { class: 'card', 'data-checked': '' }, el('h2', {}, title), el('ul', { class: 'ticks' }, ...items))
}

/** The words of the version that was signed; what cannot be shown is said. */
function wording({ event }: Recorded, texts: SignedText[] | null): Node[] {
  if (!('text' in event)) return []
  const own = textOf(texts ?? [], event.kind, event.text)
  const body = own === null ? [el('p', {}, texts === null ? w().wording.failed : w().wording.gone)] : own.body.split('\n').map((line) => el('p', {}, line))
  return [el('section', { class: 'card', 'data-wording': own === null ? '' : own.text }, el('h2', {}, own?.title ?? w().wording.title), ...body)]
}

function rights({ event }: Recorded, texts: SignedText[] | null): Node {
  const own = 'text' in event ? textOf(texts ?? [], event.kind, event.text) : null
  const lines = contactOf(texts ?? [], own)
  const calls = [...new Set(lines.flatMap(phonesIn))].map((n) => el('a', { class: 'call', href: `tel:${n}` }, w().call.replace('{n}', n)))
  const where = lines.length > 0 ? lines.map((line) => el('p', {}, line)) : [el('p', {}, w().no_contact)]
  return el('section', { class: 'card', 'data-rights': '' }, el('h2', {}, w().rights), el('p', {}, w().visitors), el('p', {}, w().may), ...where, ...calls)
}

function found(recorded: Recorded, hidden: Receipt['private'], texts: SignedText[] | null): Node[] {
  const counted = recorded.verdict !== 'hold' && recorded.verdict !== 'reject'
  const cards: Node[] = [
    el('p', { class: counted ? 'card good' : 'card wait', role: 'status' }, w().verdict[recorded.verdict]),
    el('section', { class: 'card' }, list(recordedPairs(recorded))),
    checked(recorded),
  ]
  const own = Object.entries(hidden as Record<string, unknown>)
    .filter((pair): pair is [string, string] => pair[0] !== 's' && typeof pair[1] === 'string')
    .map(([key, value]): [string, string] => [partName(recorded.event.kind, key), value])
  if (own.length > 0)
    cards.push(el('section', { class: 'card' }, el('h2', {}, w().private), list(own), el('p', { class: 'soft' }, w().private_line)))
  cards.push(...wording(recorded, texts), rights(recorded, texts))
  return cards
}

function body(): Node[] {
  if (state.is === 'found') return found(state.recorded, state.hidden, state.texts)
  if (state.is === 'looking') return [el('p', { class: 'card', role: 'status' }, w().looking)]
  const text = state.is === 'failed' ? problemText(state.problem) : w()[state.is]
  return [el('p', { class: 'card bad', role: 'alert', 'data-state': state.is }, text)]
}

/** null: they could not be had now; the receipt itself holds without them. */
async function textsIn(county: string, hash: string | null): Promise<SignedText[] | null> {
  if (hash === null) return []
  try {
    return textsRead(await openObject(county, hash), hash)
  } catch {
    return null
  }
}

async function look(): Promise<State> {
  const link = linkRead(location.hash)
  if (link === null) return { is: 'no_link' }
  let answer: Receipt
  let keys: Awaited<ReturnType<typeof counties>>
  try {
    ;[answer, keys] = await Promise.all([receipt(link.id, link.s), counties()])
  } catch (problem) {
    return problem instanceof Problem && problem.status === 404 ? { is: 'not_found' } : { is: 'failed', problem }
  }
  try {
    const recorded = receiptCheck(answer, link.id, keys)
    const county = keys.find((c) => c.code === recorded.county)
    return { is: 'found', recorded, hidden: answer.private, texts: await textsIn(recorded.county, county?.texts ?? null) }
  } catch {
    return { is: 'differs' }
  }
}

const draw = page(() => w().title, body)

async function run(): Promise<void> {
  state = { is: 'looking' }
  draw()
  state = await look()
  draw()
}

window.addEventListener('hashchange', () => void run())
void run()
