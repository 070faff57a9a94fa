// A household's own receipt: the link on the paper copy is https://HOST/r/#<event id>.<s>.
//
// The two parts behind the # reach the server only in the body of the question. What it answers is
// checked here (proof.ts) before any of it is shown as recorded; one that does not hold is refused
// without a word of its content.
import { Problem } from '@shared/api/problem'
import { receipt, type Receipt } from '@shared/api/public'
import { counties } from '@shared/api/session'
import { time } from '@shared/format'
import { el, list } from '../dom'
import { language, page, problemText } from '../page'
import { linkRead, receiptCheck, stateOf, type Recorded } from './proof'
import { receiptWords } from './words'

type State =
  | { is: 'looking' | 'no_link' | 'not_found' | 'differs' }
  | { is: 'failed'; problem: unknown }
  | { is: 'found'; recorded: Recorded; hidden: Receipt['private'] }

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

function checked({ index, keyId }: Recorded): Node {
  const { title, log, batch, event } = w().checked
  const lines = [log.replace('{key}', keyId), batch.replace('{n}', String(index)), event]
  const items = lines.map((line) => el('li', {}, line))
  return el('section', { class: 'card', 'data-checked': '' }, el('h2', {}, title), el('ul', { class: 'ticks' }, ...items))
}

function found(recorded: Recorded, hidden: Receipt['private']): Node[] {
  const counted = recorded.verdict !== 'hold' && recorded.verdict !== 'reject'
  const cards: Node[] = [
    el('p', { class: counted ? 'card good' : 'card wait', role: 'status' }, w().verdict[recorded.verdict]),
    el('section', { class: 'card' }, list(recordedPairs(recorded))),
    checked(recorded),
  ]
  const own = Object.entries(hidden as Record<string, unknown>)
    .filter((pair): pair is [string, string] => pair[0] !== 's' && typeof pair[1] === 'string')
    .map(([key, value]): [string, string] => [named(w().part, key), value])
  if (own.length > 0)
    cards.push(el('section', { class: 'card' }, el('h2', {}, w().private), list(own), el('p', { class: 'soft' }, w().private_line)))
  return cards
}

function body(): Node[] {
  if (state.is === 'found') return found(state.recorded, state.hidden)
  if (state.is === 'looking') return [el('p', { class: 'card', role: 'status' }, w().looking)]
  const text = state.is === 'failed' ? problemText(state.problem) : w()[state.is]
  return [el('p', { class: 'card bad', role: 'alert', 'data-state': state.is }, text)]
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
    return { is: 'found', recorded: receiptCheck(answer, link.id, keys), hidden: answer.private }
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
