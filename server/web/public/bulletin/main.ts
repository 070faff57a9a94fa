// A published bulletin's figures for everybody: the link is https://HOST/b/#<county>/<sha256>, with
// the SHA-256 that the bulletin itself names.  The page checks it before it shows anything.
import { Problem } from '@shared/api/problem'
import { object } from '@shared/api/public'
import { share } from '@shared/format'
import { el, list } from '../dom'
import { language, page, problemText } from '../page'
import { linkRead, resultRead, sha256Hex, type Figure, type Result } from './result'
import { bulletinWords } from './words'

type State =
  | { is: 'looking' | 'no_link' | 'not_found' | 'unreadable' | 'differs' }
  | { is: 'failed'; problem: unknown }
  | { is: 'found'; result: Result }

let state: State = { is: 'looking' }
const w = () => bulletinWords[language]

function metricName(metric: string): string {
  return (w().metric as Record<string, string>)[metric] ?? metric
}

function figure([num, den]: Figure): string {
  const text = share(num, den)
  return text === null ? '—' : `${num}/${den} ${text}`
}

function row(name: 'td' | 'th', cells: string[]): HTMLTableRowElement {
  const attributes: Record<string, string> = name === 'th' ? { scope: 'col' } : {}
  return el('tr', {}, ...cells.map((c) => el(name, attributes, c)))
}

function table(r: Result): HTMLTableElement {
  const head = [w().rank, w().before, w().division, ...r.metrics.map(metricName)]
  const rows = r.rows.map((d) =>
    row('td', [String(d.rank), d.before === 0 ? '—' : String(d.before), d.code, ...d.m.map(figure)]),
  )
  return el('table', {}, el('thead', {}, row('th', head)), el('tbody', {}, ...rows))
}

function found(r: Result): Node[] {
  const entries = w().entries.replace('{from}', String(r.from)).replace('{to}', String(r.to))
  return [
    el('p', { class: 'card good', role: 'status' }, w().holds),
    el('section', { class: 'card' }, list([[w().period, r.period], [w().scope, r.scope], [w().range, entries]])),
    el('section', { class: 'card' }, table(r)),
  ]
}

function body(): Node[] {
  if (state.is === 'found') return found(state.result)
  if (state.is === 'looking') return [el('p', { class: 'card', role: 'status' }, w().looking)]
  const text = state.is === 'failed' ? problemText(state.problem) : w()[state.is]
  return [el('p', { class: 'card bad', role: 'alert' }, text)]
}

async function look(): Promise<State> {
  const link = linkRead(location.hash)
  if (link === null) return { is: 'no_link' }
  let bytes: ArrayBuffer
  try {
    bytes = await object(link.log, link.sha256)
  } catch (problem) {
    return problem instanceof Problem && problem.status === 404 ? { is: 'not_found' } : { is: 'failed', problem }
  }
  if ((await sha256Hex(bytes)) !== link.sha256) return { is: 'differs' }
  try {
    return { is: 'found', result: resultRead(new TextDecoder().decode(bytes)) }
  } catch {
    return { is: 'unreadable' }
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
