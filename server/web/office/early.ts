// What the first page needs of the server, asked for before the rest of the office has even run: for a
// board its figures, and who is signed in, at once instead of one after the other.  The figures come
// first: they get the connection that may still be open, a new one costs a way there and back.
//
// Which board it will be says the address, or the area in which somebody worked here last.  An answer is
// taken once, and only if it is what the page would have asked for itself.  Failure modes: the page gets
// the error as if it had asked, or, when it wants something else, asks itself.
import { coverage, type Coverage, type Tagged } from '@shared/api/figures'
import { areaNow, areaUse } from '@shared/api/http'
import { session, type Session } from '@shared/api/session'
import { lastArea } from './last_area'
import { levelOf } from './pages/board/board'

type Figures = Promise<Tagged<Coverage> | null>
let who: Promise<Session> | null = null
let board: { of: string; figures: Figures } | null = null

const name = (within: string) => `${within} ${areaNow() ?? ''}`

function boardAsk(within: string): void {
  const figures = coverage({ within, level: levelOf(within) }, null)
  figures.catch(() => undefined) // whoever takes it sees the error
  board = { of: name(within), figures }
}

/** path: as of location.  Nothing is asked for where one signs in. */
export function earlyAsk(path: string): void {
  if (path.startsWith('/office/sign-in')) return
  const code = /^\/office\/(?:board\/?([0-9]{6,15})?\/?)?$/.exec(path)
  const last = lastArea()
  if (code !== null && last?.several) areaUse(last.area)
  const within = code === null ? undefined : (code[1] ?? last?.area.prefix)
  if (within !== undefined) boardAsk(within)
  who = session()
  who.catch(() => undefined)
}

export function sessionEarly(): Promise<Session> | null {
  const taken = who
  who = null
  return taken
}

/** The figures of an area as they were asked for at the start, in the role of now. */
export function boardEarly(within: string): Figures | null {
  const taken = board
  board = null
  return taken?.of === name(within) ? taken.figures : null
}

/** Nobody is signed in: what was asked for was for nobody. */
export function earlyDrop(): void {
  who = null
  board = null
}
