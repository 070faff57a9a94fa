// What is filled in at one door, and the records that come of it.  Pure: no clock, store or screen.
//
// Happy path: formNew → the page changes it → missing() is empty → recordsOf gives all records of this
// visit, which are stored together.
import type { EventDraft, PrivateDraft } from '@qiaomen/sdk'

export type Outcome = 'met' | 'no_adult' | 'absent' | 'appointed' | 'gone' | 'refused' | 'no_entry' | 'moved' | 'vacant' | 'none'
export type Via = 'door' | 'phone' | 'video' | 'paper'
export type Companion = 'police' | 'village' | 'township' | 'helper' | 'volunteer'
export type NoticeChoice = '' | 'signed' | 'left' | 'refused' | 'later'
export type PledgeChoice = '' | 'signed' | 'refused' | 'later' | 'withdrawn'
export type AppState = 'installed' | 'refused' | 'later' | 'no_phone' | 'feature_phone' | 'unfit' | 'shared' | 'removed'
export type Switch = 'yes' | 'no' | 'na'

/** Who signed, with the picture of the signature (name of a kept photo). */
export interface Signing {
  /** of the register; '': for a notice, somebody at home who is not on the list */
  resident: string
  name: string
  relation: string
  /** SHA-256 of the picture; '' as long as nobody signed */
  picture: string
  /** a finger's print in the place of a name: somebody who stood by is named then */
  print: boolean
  witness: string
}
export interface AppForm {
  state: AppState | ''
  real_name: boolean
  call_alert: Switch
  sms_alert: Switch
  /** shared: on whose phone */
  holder: string
  /** installed: as the resident says, in the words that go with the record; otherwise it was seen on the screen */
  said?: string
  /** installed: SHA-256 of pictures of the screen, where they must be there to count */
  photos?: string[]
}
export interface DoorForm {
  household: string
  grid: string
  outcome: Outcome | ''
  via: Via
  /** paper: day on the sheet, yyyy-mm-dd */
  done: string
  withs: Companion[]
  topics: string[]
  notice: NoticeChoice
  noticeText: string
  noticeBy: Signing
  /** left without a signature: SHA-256 of photos of the notice, where they must be there to count */
  noticePhotos?: string[]
  pledge: PledgeChoice
  pledgeText: string
  pledges: Signing[]
  apps: Record<string, AppForm | undefined>
  /** SHA-256 of photos of the paper */
  photos: string[]
  /** phone, video: the number that answered */
  answered: string
  /** who was there, by names; '': nobody was tapped */
  met: string
  note: string
  beganMs: number
}

export const signingNew = (): Signing => ({ resident: '', name: '', relation: '', picture: '', print: false, witness: '' })
export const appNew = (state: AppForm['state'] = ''): AppForm => ({
  state, real_name: false, call_alert: 'no', sms_alert: 'no', holder: '',
})
export function appAll(): AppForm {
  return { state: 'installed', real_name: true, call_alert: 'yes', sms_alert: 'yes', holder: '' }
}

/** On, for those of whom nothing is said yet: who differs was tapped, maybe with a photo. */
export function appsFilled(apps: DoorForm['apps'], residents: readonly string[]): DoorForm['apps'] {
  return { ...apps, ...Object.fromEntries(residents.map((r) => [r, apps[r] ?? appAll()])) }
}

export interface Preset {
  household: string
  grid: string
  via: Via
  /** paper: the day on the last one, '' none */
  done: string
  topics: string[]
  noticeText: string
  pledgeText: string
  nowMs: number
}
export function formNew(p: Preset): DoorForm {
  return {
    household: p.household, grid: p.grid, outcome: '', via: p.via, done: p.done, withs: [], topics: [...p.topics],
    notice: '', noticeText: p.noticeText, noticeBy: signingNew(), pledge: '', pledgeText: p.pledgeText,
    pledges: [signingNew()], apps: {}, photos: [], answered: '', met: '', note: '', beganMs: p.nowMs,
  }
}

/** Does anything stand in it that would be lost?  begunAs: the day that it began with. */
export function touched(f: DoorForm, begunAs = ''): boolean {
  const said = [f.outcome, f.answered, f.met, f.note, f.notice, f.pledge].some((word) => word !== '')
  return said || f.done !== begunAs || f.withs.length > 0 || picturesOf(f).length > 0 || Object.values(f.apps).some((a) => a !== undefined)
}

export type Missing = 'outcome' | 'day' | 'notice_who' | 'notice_relation' | 'notice_witness' | 'notice_sign' | 'notice_print' | 'pledge_who' | 'pledge_relation' | 'pledge_witness' | 'pledge_sign' | 'pledge_print' | 'withdrawn_who' | 'holder' | 'answered'
const signed = (s: Signing, f: Pick<DoorForm, 'via' | 'photos'>): boolean => s.picture !== '' || (f.via === 'paper' && f.photos.length > 0)

/** A fingerprint stands on paper, and its photo is what lacks; the paper's own photo stands for both. */
const inked = (s: Signing, f: Pick<DoorForm, 'via'>): boolean => s.print && f.via !== 'paper'

const nameless = (s: Signing): boolean => s.name.trim() === ''
const unrelated = (s: Signing): boolean => !nameless(s) && s.relation === ''
const unwitnessed = (s: Signing): boolean => s.print && s.witness.trim() === ''

function missingNotice({ noticeBy: by, ...f }: DoorForm): Missing[] {
  const lacks: [Missing, boolean][] = [
    ['notice_who', nameless(by)],
    ['notice_relation', unrelated(by)],
    ['notice_witness', unwitnessed(by)],
    [inked(by, f) ? 'notice_print' : 'notice_sign', !signed(by, f)],
  ]
  return lacks.filter(([, is]) => is).map(([what]) => what)
}

function missingPledge(f: DoorForm): Missing[] {
  const nobody = f.pledges.some((s) => s.resident === '')
  if (f.pledge !== 'signed') return nobody ? [f.pledge === 'withdrawn' ? 'withdrawn_who' : 'pledge_who'] : []
  const lacks: [Missing, boolean][] = [
    ['pledge_who', nobody],
    ['pledge_relation', f.pledges.some(unrelated)],
    ['pledge_witness', f.pledges.some(unwitnessed)],
    ['pledge_sign', f.pledges.some((s) => !inked(s, f) && !signed(s, f))],
    ['pledge_print', f.pledges.some((s) => inked(s, f) && !signed(s, f))],
  ]
  return lacks.filter(([, is]) => is).map(([what]) => what)
}

/** What must still be filled in before it can be saved; empty: nothing. */
export function missing(f: DoorForm): Missing[] {
  const out: Missing[] = []
  if (f.outcome === '') return ['outcome']
  if (f.via === 'paper' && f.done === '') out.push('day')
  if (f.outcome !== 'met') return out
  if ((f.via === 'phone' || f.via === 'video') && f.answered.trim() === '') out.push('answered')
  if (f.notice === 'signed') out.push(...missingNotice(f))
  if (f.pledge !== '') out.push(...missingPledge(f))
  if (Object.values(f.apps).some((a) => a?.state === 'shared' && a.holder === '')) out.push('holder')
  return out
}

export interface Entry {
  draft: EventDraft
  hidden: PrivateDraft | undefined
}
type How = { via?: Via; done?: string }
const SECS_MAX = 86400

function howOf(f: DoorForm): How {
  return {
    ...(f.via === 'door' ? {} : { via: f.via }),
    ...(f.via === 'paper' && f.done !== '' ? { done: f.done.replaceAll('-', '') } : {}),
  }
}

function hiddenOf(p: PrivateDraft): PrivateDraft | undefined {
  const kept = Object.fromEntries(Object.entries(p).filter(([, text]) => text !== undefined && text !== ''))
  return Object.keys(kept).length > 0 ? (kept as PrivateDraft) : undefined
}

const BETWEEN = '、'
/** Who was there: who was tapped, else whoever said or signed something. */
export function metNames(f: DoorForm): string[] {
  if (f.met !== '') return f.met.split(BETWEEN)
  const by = [...(f.notice === 'signed' ? [f.noticeBy] : []), ...(f.pledge === '' ? [] : f.pledges)]
  return [...new Set(by.map((s) => s.name.trim()).filter((name) => name !== ''))]
}
export function metToggled(f: DoorForm, name: string): string {
  const names = metNames(f)
  return (names.includes(name) ? names.filter((other) => other !== name) : [...names, name]).join(BETWEEN)
}

function visitOf(f: DoorForm, nowMs: number): Entry {
  const seconds = Math.floor((nowMs - f.beganMs) / 1000)
  return {
    draft: {
      kind: 'visit',
      grid: f.grid,
      household: f.household,
      outcome: f.outcome as Outcome,
      topics: f.outcome === 'met' ? f.topics.slice(0, 16) : [],
      near: 'unknown',
      secs: f.via === 'door' ? Math.max(0, Math.min(seconds, SECS_MAX)) : 0,
      ...howOf(f),
      ...(f.withs.length > 0 ? { with: [...f.withs] } : {}),
    },
    // Each visit has a private part: the household's copy opens with it.
    hidden: hiddenOf({ phone: f.answered.trim(), met: f.outcome === 'met' ? metNames(f).join(BETWEEN) : '', note: f.note.trim() }) ?? {},
  }
}

/** Its own pictures (a signature, a screen), and the photos of the paper. */
function evidenceOf(f: DoorForm, own: readonly string[]): string[] {
  return [...new Set([...own, ...(f.via === 'paper' ? f.photos : [])])].filter((x) => x !== '').slice(0, 4)
}

const signerOf = (s: Signing): PrivateDraft => ({ signer: s.name.trim(), relation: s.relation, met: s.print ? s.witness.trim() : '' })

function noticeOf(f: DoorForm): Entry[] {
  if (f.notice === '' || f.notice === 'later' || f.noticeText === '') return []
  const by = f.noticeBy
  const own = { signed: [by.picture], left: f.noticePhotos ?? [], refused: [] }[f.notice]
  const evidence = f.notice === 'refused' ? [] : evidenceOf(f, own)
  return [{
    draft: { kind: 'notice', grid: f.grid, household: f.household, text: f.noticeText, evidence, ...(f.notice === 'signed' ? {} : { state: f.notice }), ...howOf(f) },
    hidden: (f.notice === 'signed' ? hiddenOf(signerOf(by)) : undefined) ?? {},
  }]
}

function pledgesOf(f: DoorForm): Entry[] {
  const state = f.pledge
  if (state === '' || f.pledgeText === '') return []
  return f.pledges.map((s) => ({
    draft: {
      kind: 'pledge', grid: f.grid, household: f.household, resident: s.resident, text: f.pledgeText,
      evidence: state === 'signed' ? evidenceOf(f, [s.picture]) : [], ...(state === 'signed' ? {} : { state }), ...howOf(f),
    },
    // P goes with every pledge.
    hidden: hiddenOf(signerOf(s)) ?? {},
  }))
}

/** Only then it makes a difference whether somebody looked at the screen. */
export const seesScreen = (via: Via): boolean => via === 'door' || via === 'video'

function appsOf(f: DoorForm): Entry[] {
  return Object.entries(f.apps).flatMap(([resident, a]) => {
    if (a === undefined || a.state === '') return []
    const here = a.state === 'installed'
    const na = here ? (['call_alert', 'sms_alert'] as const).filter((alert) => a[alert] === 'na') : []
    return [{
      draft: {
        kind: 'app' as const, grid: f.grid, household: f.household, resident, state: a.state,
        real_name: here && a.real_name, call_alert: here && a.call_alert === 'yes', sms_alert: here && a.sms_alert === 'yes',
        evidence: here ? evidenceOf(f, a.photos ?? []) : [], ...(na.length > 0 ? { na } : {}), ...howOf(f),
      },
      hidden: hiddenOf({ note: a.state === 'shared' ? a.holder : here && seesScreen(f.via) ? (a.said ?? '') : '' }),
    }]
  })
}

/* ---- what counts only with a photo ---- */

const OF_APPS = ['app', 'app_real_name', 'app_call_alert', 'app_sms_alert', 'app_all']
const OF_NOTICES = ['notice_delivered', 'visited', 'reached']

/** What a form asks photos of, by the metrics that count only with one: a signature is one already. */
export function photosAsked(metrics: readonly string[]): { notice: boolean; app: boolean; visit: boolean } {
  const some = (of: readonly string[]): boolean => of.some((metric) => metrics.includes(metric))
  return { notice: some(OF_NOTICES), app: some(OF_APPS), visit: some(['visited', 'reached']) }
}

export type Unproved = 'visit' | 'notice' | 'app'
/** What would be saved without the photo (or signature) that makes it count; empty: nothing. */
export function unproved(f: DoorForm, metrics: readonly string[]): Unproved[] {
  if (f.outcome !== 'met') return []
  const asked = photosAsked(metrics)
  const made = recordsOf(f, f.beganMs).map(({ draft }) => draft)
  const bare = made.filter((r) => 'evidence' in r && r.evidence.length === 0)
  const notice = bare.some((r) => r.kind === 'notice' && r.state === 'left')
  const app = bare.some((r) => r.kind === 'app' && r.state === 'installed')
  // A visit is shown by the notice or pledge that came of it.
  const shown = made.some((r) => (r.kind === 'notice' || r.kind === 'pledge') && r.evidence.length > 0)
  return [
    ...(asked.notice && notice ? ['notice' as const] : asked.visit && !shown ? ['visit' as const] : []),
    ...(asked.app && app ? ['app' as const] : []),
  ]
}

/** The pictures that a form names, also those of what is not chosen at the moment. */
export function picturesOf(f: DoorForm): string[] {
  const screens = Object.values(f.apps).flatMap((a) => a?.photos ?? [])
  const named = [f.noticeBy.picture, ...(f.noticePhotos ?? []), ...f.pledges.map((s) => s.picture), ...f.photos, ...screens]
  return [...new Set(named)].filter((name) => name !== '')
}

/** A signature or photo whose bytes were lost has to be made again: no record names what nobody has. */
export function withoutPicture(f: DoorForm, name: string): DoorForm {
  const unsigned = (s: Signing): Signing => (s.picture === name ? { ...s, picture: '' } : s)
  const others = (photos: readonly string[]): string[] => photos.filter((x) => x !== name)
  const apps = Object.entries(f.apps).map(([resident, a]) => [resident, a?.photos ? { ...a, photos: others(a.photos) } : a] as const)
  const left = f.noticePhotos && { noticePhotos: others(f.noticePhotos) }
  return { ...f, ...left, noticeBy: unsigned(f.noticeBy), pledges: f.pledges.map(unsigned), photos: others(f.photos), apps: Object.fromEntries(apps) }
}

/** All records of this visit, in the order in which they are stored.  missing(f) is empty. */
export function recordsOf(f: DoorForm, nowMs: number): Entry[] {
  const visit = visitOf(f, nowMs)
  return f.outcome === 'met' ? [visit, ...noticeOf(f), ...pledgesOf(f), ...appsOf(f)] : [visit]
}
