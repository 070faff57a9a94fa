// From records that were not taken to the form of their door, filled in as it was.
//
// Happy path: refill finds what was refused along with a record, makes the form of it and keeps it as the draft of the
// door with its pictures; the page of the door takes it up.
// Failure modes: what is being filled in there already stays as it is; a picture or private part that is gone after
// its 14 days has to be given again, and the page of the door says so.
import type { QmEvent, RecordView } from '@qiaomen/sdk'
import { appNew, formNew, picturesOf, signingNew, type DoorForm, type Preset, type Signing, type Via } from './door_form'
import type { usePhone } from './phone'

type Of<K extends QmEvent['kind']> = Extract<QmEvent, { kind: K }>
type Made = Of<'visit' | 'notice' | 'pledge' | 'app'>

const OF_DOORS: readonly string[] = ['visit', 'notice', 'pledge', 'app']
/** Is it of a kind that the form of a door makes? */
export const isOfDoor = (r: RecordView): boolean => OF_DOORS.includes(r.content.kind)

/** Of the same door and refused for the same reason. */
export function refusedWith(record: RecordView, rejected: readonly RecordView[]): RecordView[] {
  const also = rejected.filter((r) => r.event !== record.event && isOfDoor(r) && r.decided === record.decided && r.code === record.code)
  return [record, ...also]
}

/** Where the papers' photos stand for all signatures no picture is one's own. */
function signingOf({ content, hidden }: RecordView, resident: string): Signing {
  const own = 'evidence' in content && viaIn(content as Made) !== 'paper' ? content.evidence[0] : undefined
  const witness = hidden?.met ?? ''
  return { ...signingNew(), resident, name: hidden?.signer ?? '', relation: hidden?.relation ?? '', picture: own ?? '', print: witness !== '', witness }
}

/** What was carried over came from papers. */
const viaIn = (ev: Made): Via => (ev.via === 'carried' ? 'paper' : (ev.via ?? 'door'))
const dayIn = (digits = ''): string => digits.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3')

function visitIn(form: DoorForm, ev: Of<'visit'>, { hidden }: RecordView): DoorForm {
  const { outcome, topics } = ev
  return { ...form, outcome, topics: [...topics], withs: [...(ev.with ?? [])], answered: hidden?.phone ?? '', met: hidden?.met ?? '', note: hidden?.note ?? '' }
}
function noticeIn(form: DoorForm, ev: Of<'notice'>, record: RecordView): DoorForm {
  const notice = ev.state ?? 'signed'
  const isLeft = notice === 'left' && viaIn(ev) !== 'paper'
  return { ...form, notice, noticeText: ev.text, ...(notice === 'signed' ? { noticeBy: signingOf(record, '') } : {}), ...(isLeft ? { noticePhotos: [...ev.evidence] } : {}) }
}
/** Several sign pledges of one state; of another state the newest one counts. */
function pledgeIn(form: DoorForm, ev: Of<'pledge'>, record: RecordView): DoorForm {
  const pledge = ev.state ?? 'signed'
  if (form.pledge !== '' && form.pledge !== pledge) return form
  const others = form.pledge === '' ? [] : form.pledges
  if (others.some((s) => s.resident === ev.resident)) return form
  return { ...form, pledge, pledgeText: ev.text, pledges: [...others, signingOf(record, ev.resident)] }
}
function appIn(form: DoorForm, ev: Of<'app'>, { hidden }: RecordView): DoorForm {
  if (form.apps[ev.resident] !== undefined) return form
  const { state, real_name } = ev
  const alert = (name: 'call_alert' | 'sms_alert') => ((ev.na ?? []).includes(name) ? 'na' : ev[name] ? 'yes' : 'no')
  const note = hidden?.note ?? ''
  const app = {
    ...appNew(state), real_name, call_alert: alert('call_alert'), sms_alert: alert('sms_alert'), holder: state === 'shared' ? note : '',
    ...(state === 'installed' && note !== '' ? { said: note } : {}),
    ...(viaIn(ev) === 'paper' ? {} : { photos: [...ev.evidence] }),
  } as const
  return { ...form, apps: { ...form.apps, [ev.resident]: app } }
}

/** records: of one door, the one that counts most first; those of other kinds are left out. */
export function refilled(records: readonly RecordView[], preset: Preset): DoorForm {
  const first = records.find(isOfDoor)?.content as Made | undefined
  let form = formNew(preset)
  if (first === undefined) return form
  form = { ...form, outcome: 'met', via: viaIn(first), done: dayIn(first.done) }
  const seen = new Set<string>()
  for (const record of records) {
    const ev = record.content
    if (ev.kind === 'visit' && !seen.has('visit')) form = visitIn(form, ev, record)
    else if (ev.kind === 'notice' && !seen.has('notice')) form = noticeIn(form, ev, record)
    else if (ev.kind === 'pledge') form = pledgeIn(form, ev, record)
    else if (ev.kind === 'app') form = appIn(form, ev, record)
    if (form.via === 'paper' && 'evidence' in ev) form = { ...form, photos: [...new Set([...form.photos, ...ev.evidence])] }
    seen.add(ev.kind)
  }
  return form
}

/** The draft of the record's door.  False: another one is being filled in there, and it stays. */
export async function refill(phone: ReturnType<typeof usePhone>, record: RecordView, preset: Omit<Preset, 'via' | 'done'>): Promise<boolean> {
  const { household } = preset
  if ((await phone.draftOf(household)) !== undefined) return false
  const rejected = await phone.the().records({ household, state: 'rejected', done: false })
  const form = refilled(refusedWith(record, rejected), { ...preset, via: 'door', done: '' })
  for (const name of picturesOf(form)) {
    const kept = await phone.the().photo(name)
    if (kept !== undefined) await phone.draftPictureKeep(household, name, new Blob([new Uint8Array(kept.bytes)]))
  }
  await phone.draftKeep(household, form)
  return true
}
