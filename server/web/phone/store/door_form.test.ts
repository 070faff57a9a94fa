import { describe, expect, test } from 'vitest'
import { compose, eventRead } from '@qiaomen/sdk'
import { appAll, appNew, appsFilled, formNew, metNames, metToggled, missing, photosAsked, picturesOf, recordsOf, signingNew, touched, unproved, withoutPicture, type DoorForm } from './door_form'

const HOUSEHOLD = 'AAAAAAAAAAAAAAAAAAAAAA'
const MAN = 'BAAAAAAAAAAAAAAAAAAAAA'
const WOMAN = 'CAAAAAAAAAAAAAAAAAAAAA'
const PICTURE = 'ab'.repeat(32)
const PAPER = 'cd'.repeat(32)
const BEGAN = 1_790_000_000_000

function form(more: Partial<DoorForm> = {}): DoorForm {
  const preset = { household: HOUSEHOLD, grid: '140522110204001', via: 'door' as const, done: '', topics: ['fake-loan'], noticeText: 'notice-2026-1', pledgeText: 'pledge-2026-1', nowMs: BEGAN }
  return { ...formNew(preset), ...more }
}
const random = (n: number) => new Uint8Array(n)
/** As the contract sees them: what does not fit throws. */
const events = (f: DoorForm) =>
  recordsOf(f, BEGAN + 42_900).map(({ draft, hidden }, i) => eventRead(compose(draft, hidden, { seq: i, at: i }, random, BEGAN).e))
const by = (more = {}) => ({ ...signingNew(), resident: MAN, name: '王五', relation: '配偶', picture: PICTURE, ...more })

describe('what one door becomes', () => {
  test('nobody at home is one visit, whatever else was tapped before', () => {
    const got = events(form({ outcome: 'absent', notice: 'signed', apps: { [MAN]: appAll() } }))
    expect(got).toMatchObject([{ kind: 'visit', outcome: 'absent', topics: [], near: 'unknown', secs: 42 }])
    expect(got).toHaveLength(1)
  })

  test('the usual door: met, notice and pledge signed, all installed', () => {
    const f = form({ outcome: 'met', notice: 'signed', noticeBy: by(), pledge: 'signed', pledges: [by()], apps: { [MAN]: appAll(), [WOMAN]: appAll() } })
    expect(missing(f)).toEqual([])
    expect(events(f)).toMatchObject([
      { kind: 'visit', outcome: 'met', topics: ['fake-loan'] },
      { kind: 'notice', text: 'notice-2026-1', evidence: [PICTURE] },
      { kind: 'pledge', resident: MAN, evidence: [PICTURE] },
      { kind: 'app', resident: MAN, state: 'installed', real_name: true, call_alert: true, sms_alert: true },
      { kind: 'app', resident: WOMAN, state: 'installed' },
    ])
  })

  test('left and refused need no signature and no picture', () => {
    const f = form({ outcome: 'met', notice: 'left', pledge: 'refused', pledges: [by({ picture: '' })] })
    expect(missing(f)).toEqual([])
    expect(events(f).slice(1)).toMatchObject([
      { kind: 'notice', state: 'left', evidence: [] },
      { kind: 'pledge', state: 'refused', evidence: [] },
    ])
  })

  test('"all of the family have it on" is for those of whom nothing is said yet', () => {
    const refused = appNew('refused')
    const child = 'DAAAAAAAAAAAAAAAAAAAAA'
    expect(appsFilled({ [WOMAN]: refused, [child]: refused, [MAN]: undefined }, [MAN, WOMAN])).toEqual({ [MAN]: appAll(), [WOMAN]: refused, [child]: refused })
  })

  test('a notice for later is no record', () => {
    expect(events(form({ outcome: 'met', notice: 'later' }))).toHaveLength(1)
  })

  test('an alert that the phone does not offer is na; other states carry no switches', () => {
    const f = form({ outcome: 'met', apps: { [MAN]: { ...appAll(), sms_alert: 'na' }, [WOMAN]: { ...appAll(), state: 'refused' } } })
    expect(events(f).slice(1)).toMatchObject([
      { na: ['sms_alert'], sms_alert: false, call_alert: true },
      { state: 'refused', real_name: false, call_alert: false, sms_alert: false },
    ])
  })

  test('an app that somebody only speaks of says so in private; a picture of the screen is its evidence', () => {
    const SCREEN = 'ef'.repeat(32)
    const shown = { ...appAll(), photos: [SCREEN] }
    const f = form({ outcome: 'met', apps: { [MAN]: { ...appAll(), said: '听本人说的' }, [WOMAN]: shown } })
    const [, man, woman] = recordsOf(f, BEGAN)
    expect([man!.hidden, man!.draft]).toMatchObject([{ note: '听本人说的' }, { evidence: [] }])
    expect([woman!.hidden, woman!.draft]).toMatchObject([undefined, { evidence: [SCREEN] }])
    expect(events(f)).toHaveLength(3)
    expect(picturesOf(f)).toEqual([SCREEN])
    expect(picturesOf(withoutPicture(f, SCREEN))).toEqual([])
    expect(withoutPicture(f, SCREEN).apps[MAN]).toEqual(f.apps[MAN])
    // By telephone nobody sees a screen, and what is not installed has none.
    expect(recordsOf({ ...f, via: 'phone' }, BEGAN)[1]!.hidden).toBeUndefined()
    const without = form({ outcome: 'met', apps: { [WOMAN]: { ...shown, state: 'later' } } })
    expect(recordsOf(without, BEGAN)[1]!.draft).toMatchObject({ evidence: [] })
    // It is kept, should the state have been the wrong one.
    expect(picturesOf(without)).toEqual([SCREEN])
  })

  test('an app that stands on a paper has the photo of the paper as evidence, four pictures at most', () => {
    const screens = ['1', '2', '3'].map((x) => x.repeat(64))
    const f = form({ outcome: 'met', via: 'paper', done: '2026-11-18', photos: [PAPER, PICTURE], apps: { [MAN]: { ...appAll(), photos: screens } } })
    expect(events(f)[1]).toMatchObject({ kind: 'app', via: 'paper', evidence: [...screens, PAPER] })
  })

  test('paper: the day and the photo stand for the signature', () => {
    const f = form({ outcome: 'met', via: 'paper', pledge: 'signed', pledges: [by({ picture: '' })] })
    expect(missing(f)).toEqual(['day', 'pledge_sign'])
    const full = { ...f, done: '2026-11-18', photos: [PAPER] }
    expect(missing(full)).toEqual([])
    expect(events(full)).toMatchObject([{ via: 'paper', done: '20261118', secs: 0 }, { kind: 'pledge', via: 'paper', evidence: [PAPER] }])
  })

  test('by phone: the number that answered is asked for and stays private', () => {
    const f = form({ outcome: 'met', via: 'phone' })
    expect(missing(f)).toEqual(['answered'])
    const [visit] = recordsOf({ ...f, answered: '13800000000' }, BEGAN)
    expect(visit!.hidden).toEqual({ phone: '13800000000' })
    expect(JSON.stringify(visit!.draft)).not.toContain('138')
  })

  test('shared names the phone, a pledge its signer', () => {
    const f = form({ outcome: 'met', pledge: 'signed', pledges: [signingNew()], apps: { [MAN]: appNew('shared') } })
    expect(missing(f)).toEqual(['pledge_who', 'pledge_sign', 'holder'])
    expect(recordsOf(form({ outcome: 'met', apps: { [MAN]: { ...appNew('shared'), holder: '李四' } } }), BEGAN)[1]!.hidden).toEqual({ note: '李四' })
  })

  test('a signature has a name and a relation, a fingerprint a witness, too', () => {
    const sign = (notice: object, pledge: object) =>
      missing(form({ outcome: 'met', notice: 'signed', noticeBy: by(notice), pledge: 'signed', pledges: [by(), by(pledge)] }))
    expect(sign({ resident: '', name: ' ', relation: '' }, { resident: '', name: '' })).toEqual(['notice_who', 'pledge_who'])
    expect(sign({ relation: '' }, { relation: '' })).toEqual(['notice_relation', 'pledge_relation'])
    expect(sign({ print: true, witness: ' ' }, { print: true })).toEqual(['notice_witness', 'pledge_witness'])
    expect(sign({ print: true, witness: '李四' }, { print: true, witness: '李四' })).toEqual([])
    // It is on paper: its photo is asked for, not a finger on the screen.
    const inked = { print: true, witness: '李四', picture: '' }
    expect(sign(inked, inked)).toEqual(['notice_print', 'pledge_print'])
    expect(missing(form({ outcome: 'met', via: 'paper', done: '2026-11-18', notice: 'signed', noticeBy: by(inked) }))).toEqual(['notice_sign'])
    // Anybody at home may sign for a notice, a pledge only who is on the list.
    expect(sign({ resident: '' }, {})).toEqual([])
    expect(sign({}, { resident: '' })).toEqual(['pledge_who'])
  })

  test('who was there is who was tapped, else who signed or said so; in the private part of the visit alone', () => {
    const met = (more: Partial<DoorForm>) => recordsOf(form({ outcome: 'met', ...more }), BEGAN)[0]!.hidden
    expect(met({})).toEqual({})
    const signed = { notice: 'signed', noticeBy: by(), pledge: 'later', pledges: [by(), by({ resident: WOMAN, name: '李四' })] } as const
    expect(met({ ...signed, pledges: [...signed.pledges] })).toEqual({ met: '王五、李四' })
    // A signature that was taken back says nothing.
    expect(met({ notice: 'left', noticeBy: by() })).toEqual({})
    const f = form({ outcome: 'met', notice: 'signed', noticeBy: by() })
    const both = { ...f, met: metToggled(f, '李四') }
    expect(metNames(both)).toEqual(['王五', '李四'])
    expect(metToggled(both, '王五')).toBe('李四')
    expect(recordsOf({ ...both, outcome: 'absent' }, BEGAN)[0]!.hidden).toEqual({})
    expect(JSON.stringify(recordsOf(both, BEGAN)[0]!.draft)).not.toContain('李四')
  })

  test('who has signed stands in the private part alone', () => {
    const f = form({ outcome: 'met', notice: 'signed', noticeBy: by({ resident: '', name: ' 赵六 ', print: true, witness: '李四 ' }) })
    const [, notice] = recordsOf(f, BEGAN)
    expect(notice!.hidden).toEqual({ signer: '赵六', relation: '配偶', met: '李四' })
    expect(JSON.stringify(notice!.draft)).not.toMatch(/赵六|李四/)
    // Who writes after all needs no witness, whoever was typed in before.
    expect(recordsOf({ ...f, noticeBy: { ...f.noticeBy, print: false } }, BEGAN)[1]!.hidden).toEqual({ signer: '赵六', relation: '配偶' })
  })

  test('nothing is saved without an outcome; a fresh form is not a draft', () => {
    expect(missing(form())).toEqual(['outcome'])
    expect(touched(form())).toBe(false)
    expect(touched(form({ outcome: 'met' }))).toBe(true)
    // The large button was tapped once more: what was signed below it is not lost.
    expect(touched(form({ notice: 'signed', noticeBy: by() }))).toBe(true)
    expect(touched(form({ apps: { [MAN]: appAll() } }))).toBe(true)
    // A form that begins as a paper holds nothing yet.
    expect(touched(form({ via: 'paper' }))).toBe(false)
    expect(touched(form({ via: 'paper', done: '2026-03-05' }))).toBe(true)
    expect(touched(form({ via: 'paper', done: '2026-03-05' }), '2026-03-05')).toBe(false)
  })

  test('a picture whose bytes were lost is asked for again', () => {
    const whole = form({ outcome: 'met', notice: 'signed', noticeBy: by(), pledge: 'signed', pledges: [by(), by({ picture: PAPER })], photos: [PAPER, PICTURE] })
    expect(missing(whole)).toEqual([])
    const f = withoutPicture(whole, PICTURE)
    expect(missing(f)).toEqual(['notice_sign', 'pledge_sign'])
    expect([f.noticeBy.name, f.pledges.map((s) => s.picture), f.photos]).toEqual(['王五', ['', PAPER], [PAPER]])
  })
})

describe('what counts only with a photo', () => {
  const ALL = ['visited', 'notice_delivered', 'notice_signed', 'pledge', 'app']
  const met = (more: Partial<DoorForm> = {}): DoorForm => form({ outcome: 'met', ...more })

  test('nothing is asked where no rule does', () => {
    expect(photosAsked([])).toEqual({ notice: false, app: false, visit: false })
    expect(photosAsked(['cases'])).toEqual({ notice: false, app: false, visit: false })
    expect(unproved(met({ notice: 'left', apps: { [MAN]: appAll() } }), [])).toEqual([])
  })
  test('each metric asks for its own', () => {
    expect(photosAsked(['app_all'])).toEqual({ notice: false, app: true, visit: false })
    expect(photosAsked(['notice_delivered'])).toEqual({ notice: true, app: false, visit: false })
    expect(photosAsked(['reached'])).toEqual({ notice: true, app: false, visit: true })
    // A pledge is signed, and a notice that was left is none that was signed.
    expect(photosAsked(['pledge', 'notice_signed'])).toEqual({ notice: false, app: false, visit: false })
  })
  test('what is signed by finger needs none', () => {
    expect(unproved(met({ notice: 'signed', noticeBy: by() }), ALL)).toEqual([])
    expect(unproved(met({ pledge: 'signed', pledges: [by()] }), ALL)).toEqual([])
  })
  test('a notice that was left, an app without its screen, a visit with neither', () => {
    expect(unproved(met({ notice: 'left' }), ALL)).toEqual(['notice'])
    expect(unproved(met({ notice: 'left', noticePhotos: [PICTURE] }), ALL)).toEqual([])
    expect(unproved(met({ notice: 'signed', noticeBy: by(), apps: { [MAN]: appAll() } }), ALL)).toEqual(['app'])
    expect(unproved(met({ notice: 'signed', noticeBy: by(), apps: { [MAN]: { ...appAll(), photos: [PICTURE] } } }), ALL)).toEqual([])
    expect(unproved(met({ notice: 'refused', apps: { [MAN]: appNew('refused') } }), ALL)).toEqual(['visit'])
    expect(unproved(met(), ['app'])).toEqual([])
    expect(unproved(form({ outcome: 'absent' }), ALL)).toEqual([])
  })
  test('the photo of the paper stands for all of it', () => {
    expect(unproved(met({ via: 'paper', done: '2026-11-01', photos: [PAPER], notice: 'left', apps: { [MAN]: appAll() } }), ALL)).toEqual([])
  })
  test('the photo of a notice that was left goes with its record, and a signature of before does not', () => {
    const f = met({ notice: 'left', noticePhotos: [PAPER], noticeBy: by() })
    expect(events(f)[1]).toMatchObject({ kind: 'notice', state: 'left', evidence: [PAPER] })
    expect(picturesOf(f)).toContain(PAPER)
    expect(withoutPicture(f, PAPER).noticePhotos).toEqual([])
    expect(events(met({ notice: 'signed', noticePhotos: [PAPER], noticeBy: by() }))[1]).toMatchObject({ evidence: [PICTURE] })
  })
})
