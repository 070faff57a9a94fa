// A household's own receipt: the link on the paper copy is https://HOST/r/#<event id>.<s>.
//
// The two parts behind the # reach the server only in the body of the question. Shown is what is
// recorded, masked where the server masks it.
import { Problem } from '@shared/api/problem'
import { receipt, type Receipt } from '@shared/api/public'
import { time } from '@shared/format'
import { el, list } from '../dom'
import { language, page, problemText } from '../page'
import { linkRead, recordedRead, type Recorded } from './proof'
import { receiptWords } from './words'

type State =
  | { is: 'looking' | 'no_link' | 'not_found' | 'unreadable' }
  | { is: 'failed'; problem: unknown }
  | { is: 'found'; recorded: Recorded; answer: Receipt }

let state: State = { is: 'looking' }
const w = () => receiptWords[language]
const named = (table: Record<string, string>, key: string) => (table[key] ?? key)

function found(recorded: Recorded, answer: Receipt): Node[] {
  const pairs: [string, string][] = [[w().what, named(w().kind, recorded.kind)]]
  if (recorded.state !== null) pairs.push([w().state_of, named(w().state, recorded.state)])
  pairs.push([w().when, time(recorded.at)], [w().log, w().entry.replace('{n}', String(recorded.index))])
  if (answer.text !== null) pairs.push([w().text, answer.text])
  const own = Object.entries(answer.private as Record<string, unknown>)
    .filter((pair): pair is [string, string] => pair[0] !== 's' && typeof pair[1] === 'string')
    .map(([key, value]): [string, string] => [named(w().part, key), value])
  const cards = [el('p', { class: 'card good', role: 'status' }, w().found), el('section', { class: 'card' }, list(pairs))]
  if (own.length > 0) cards.push(el('section', { class: 'card' }, el('h2', {}, w().private), list(own)))
  return cards
}

function body(): Node[] {
  if (state.is === 'found') return found(state.recorded, state.answer)
  if (state.is === 'looking') return [el('p', { class: 'card', role: 'status' }, w().looking)]
  const text = state.is === 'failed' ? problemText(state.problem) : w()[state.is]
  return [el('p', { class: 'card bad', role: 'alert' }, text)]
}

async function look(): Promise<State> {
  const link = linkRead(location.hash)
  if (link === null) return { is: 'no_link' }
  try {
    const answer = await receipt(link.id, link.s)
    try {
      return { is: 'found', recorded: recordedRead(answer.event, answer.batch), answer }
    } catch {
      return { is: 'unreadable' }
    }
  } catch (problem) {
    return problem instanceof Problem && problem.status === 404 ? { is: 'not_found' } : { is: 'failed', problem }
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
