// What the pages of the phone share: who works here, the list of doors, where the records stand.
//
// Happy path: boot → workers → open → the lists are read and read again after each change, in this tab
// or another; the client sends by itself whenever there is a network.
// Failure modes: every action rejects with the client's QmError, which faultText puts into words; a
// list that cannot be read keeps its last content, and `fault` says why.
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { Change, Directive, HouseholdView, QmClientApi, RecordDraft, RecordedAs, Status, Target, Text, Topic, Want, WorkerInfo } from '@qiaomen/sdk'
import { clientOpen, workerMake, workersList } from '@shared/device/sdk'
import { workerLast, workerLastKeep } from '@shared/device/worker_last'
import { Drafts } from './drafts'
import { photoList, toTake } from './photos'
import { photosLost } from './photos_lost'

/** Reasons to wait that a network which came back does away with; a busy server is still waited for. */
const OF_THE_NETWORK: readonly string[] = ['offline', 'unknown-outcome']
/** Changes that come close together are read once. */
const SETTLE_MS = 60
/** While much is sent, changes never end: between two readings the time is the screen's. */
const READ_EVERY_MS = 1000
const ROUNDS_AFTER_MS = 100
/** After a door is stored, the next page is drawn before anything is read again. */
const SAVED_MS = 300
/** A page that nobody sees is not drawn, and waits no longer for it. */
const DRAWN_MS = 100

/** Records are read for it only if something is missing: that is rare, and they are many. */
async function photosLeft(c: QmClientApi, s: Status, wants: Want[]): Promise<{ take: number; elsewhere: number }> {
  if (s.photos.missing + s.photos.refused === 0) return { take: 0, elsewhere: 0 }
  const [photos, records] = await Promise.all([c.photos(), c.records({ withPhotos: true })])
  const list = photoList(wants, photos, records, photosLost(c.worker))
  return { take: toTake(list).length, elsewhere: list.elsewhere.length }
}

/** After the next frame. */
function drawn(): Promise<void> {
  return new Promise((resolve) => {
    const soon = (): void => void setTimeout(resolve)
    setTimeout(resolve, DRAWN_MS)
    requestAnimationFrame(soon)
  })
}

export const usePhone = defineStore('phone', () => {
  const workers = shallowRef<WorkerInfo[]>([])
  const client = shallowRef<QmClientApi>()
  const status = shallowRef<Status>()
  const households = shallowRef<HouseholdView[]>([])
  const texts = shallowRef<Text[]>([])
  const targets = shallowRef<Target[]>([])
  const wants = shallowRef<Want[]>([])
  const topics = shallowRef<Topic[]>([])
  const directives = shallowRef<Directive[]>([])
  /** drafts: a household, or "new", "new <household>", "people <household>" */
  const begun = shallowRef<string[]>([])
  /** photos that the office misses: to be taken again here, and those that another phone recorded */
  const photos = shallowRef({ take: 0, elsewhere: 0 })
  const booted = ref(false)
  /** doors are entered from papers: the form begins that way */
  const paper = ref(false)
  /** the day on the last of these papers, yyyy-mm-dd: most of a pile are of one day */
  const paperDay = ref('')
  watch(paper, () => (paperDay.value = ''))
  const fault = shallowRef<unknown>()
  const worker = computed(() => workers.value.find((w) => w.id === client.value?.worker))
  const enrolled = computed(() => status.value?.account !== undefined)
  let draftsOpening: Promise<Drafts | undefined> = Promise.resolve(undefined)
  let endings: (() => void)[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  const the = (): QmClientApi => {
    if (client.value === undefined) throw new Error('nobody works here')
    return client.value
  }

  /** How often the office's lists may have changed, and which of these times has been read. */
  let officeChanged = 0
  let officeRead = -1
  async function officeLists(c: QmClientApi): Promise<() => void> {
    const asOf = officeChanged
    if (asOf === officeRead) return () => undefined
    const [t, g, k, r] = await Promise.all([c.texts(), c.targets(), c.topics(), c.directives()])
    return () => {
      texts.value = t
      targets.value = g
      topics.value = k
      directives.value = r
      officeRead = asOf
    }
  }

  /** Reads what may have changed; an older reading never overtakes a newer one. */
  let reading = 0
  /** when the last one that a change asked for ended, by the page's clock */
  let heardMs = -READ_EVERY_MS
  /** gently: nobody waits for it; the doors come a frame behind the counts. */
  async function read(gently = false): Promise<void> {
    const c = client.value
    if (c === undefined) return
    const mine = ++reading
    // What has changed so far is in this reading.
    clearTimeout(timer)
    timer = undefined
    let now: Status | undefined
    await readPart(c, mine, async () => {
      const [s, h] = await Promise.all([c.status(), c.households()])
      return () => {
        status.value = now = s
        if (!gently) households.value = h
      }
    })
    if (gently && now !== undefined) {
      await drawn()
      // Asked for again: a door may have been stored and shown in between.
      await readPart(c, mine, async () => {
        const h = await c.households()
        return () => (households.value = h)
      })
    }
    beside = now === undefined ? Promise.resolve(fill()) : readBeside(c, mine, now)
  }
  /** What stands beside the doors: it never holds them up. */
  async function readBeside(c: QmClientApi, mine: number, now: Status): Promise<void> {
    await drawn()
    const done = await readPart(c, mine, async () => {
      const begunHere = draftsOpening.then((d) => d?.begun() ?? [])
      const [w, office, left] = await Promise.all([c.wants(), officeLists(c), begunHere])
      const toPhotograph = await photosLeft(c, now, w)
      return () => {
        wants.value = w
        office()
        // What is the same as before has nothing drawn anew.
        if (left.join() !== begun.value.join()) begun.value = left
        if (toPhotograph.take !== photos.value.take || toPhotograph.elsewhere !== photos.value.elsewhere) photos.value = toPhotograph
        fault.value = undefined
      }
    })
    if (done) fill()
  }
  /** False if another reading was begun since: its results count. */
  async function readPart(c: QmClientApi, mine: number, part: () => Promise<() => void>): Promise<boolean> {
    const isOurs = (): boolean => mine === reading && client.value === c
    try {
      const take = await part()
      if (isOurs()) take()
    } catch (e) {
      if (isOurs()) fault.value = e
    }
    return isOurs()
  }
  /** The part of the last reading that is not waited for. */
  let beside: Promise<void> = Promise.resolve()
  let fill = (): void => undefined
  let full: Promise<void> = Promise.resolve()
  /** Resolves when all that stands beside the doors was read once, or could not be. */
  const filled = (): Promise<void> => full
  /** For what a page reads by itself: it keeps its last content, and `fault` says why. */
  async function shown(look: Promise<void>): Promise<void> {
    await look.catch((e: unknown) => (fault.value = e))
  }
  async function refresh(): Promise<void> {
    officeChanged++
    await read()
    await beside
  }
  function heard(change: Change): void {
    if (change === 'mirror') officeChanged++
    timer ??= setTimeout(() => {
      timer = undefined
      void read(true).then(() => (heardMs = performance.now()))
    }, Math.max(SETTLE_MS, heardMs + READ_EVERY_MS - performance.now()))
  }

  /** A network that comes back, or came back while nobody looked, is used at once. */
  function onNetwork(c: QmClientApi): () => void {
    const go = async (): Promise<void> => {
      const why = (await c.status()).next?.why
      if (why !== undefined && OF_THE_NETWORK.includes(why)) await c.sync({ now: true })
    }
    const came = (): void => void go().catch(() => undefined)
    if (navigator.onLine) came()
    window.addEventListener('online', came)
    return () => window.removeEventListener('online', came)
  }

  async function workersRead(): Promise<void> {
    workers.value = await workersList()
  }

  /** Opens the last worker, or the only one, if no PIN is asked for. */
  async function bootOnce(): Promise<void> {
    const last = workerLast()
    // Beside the list, not after it: most of the time it is this one.
    const opened = last === '' ? undefined : open(last).catch(() => undefined)
    await Promise.all([workersRead(), opened])
    if (client.value !== undefined) return
    const likely = workers.value.find((w) => w.id === last) ?? (workers.value.length === 1 ? workers.value[0] : undefined)
    if (likely !== undefined && !likely.hasPin) await open(likely.id)
  }
  let booting: Promise<void> | undefined
  async function boot(): Promise<void> {
    if (booted.value) return
    booting ??= bootOnce().finally(() => (booting = undefined))
    await booting
    booted.value = true
  }

  async function open(id: string, pin?: string): Promise<void> {
    close()
    try {
      const c = await clientOpen(id, pin)
      client.value = c
      draftsOpening = Drafts.open(id).catch(() => undefined)
      workerLastKeep(id)
      endings = [c.on(heard)]
      full = new Promise((resolve) => (fill = resolve))
      await read()
      if (client.value !== c) return
      // The list is shown first.
      const rounds = setTimeout(() => endings.push(c.keepSyncing(), onNetwork(c)), ROUNDS_AFTER_MS)
      endings.push(() => clearTimeout(rounds))
    } finally {
      // A PIN, right or wrong, moves the time of the next attempt.
      if (pin !== undefined) await workersRead()
    }
  }

  function close(): void {
    for (const end of endings) end()
    endings = []
    client.value?.close()
    void draftsOpening.then((d) => d?.close())
    client.value = undefined
    fill()
    draftsOpening = Promise.resolve(undefined)
    officeRead = -1
    status.value = undefined
    fault.value = undefined
    households.value = []
  }

  function begunIs(name: string, is: boolean): void {
    if (begun.value.includes(name) !== is) begun.value = is ? [...begun.value, name] : begun.value.filter((b) => b !== name)
  }
  async function draftKeep(name: string, form: unknown): Promise<void> {
    await (await draftsOpening)?.keep(name, form)
    begunIs(name, true)
  }
  async function draftDrop(name: string): Promise<void> {
    begunIs(name, false)
    await (await draftsOpening)?.drop(name)
  }
  /** undefined: none, or it cannot be read, and `fault` says why */
  async function draftOf(name: string): Promise<unknown> {
    const opened = await draftsOpening
    return opened?.form(name).catch((e: unknown) => void (fault.value = e))
  }
  async function draftPictureKeep(name: string, picture: string, bytes: Blob): Promise<void> {
    await (await draftsOpening)?.keepPicture(name, picture, bytes)
  }
  /** undefined: none, or it does not open */
  async function draftPicture(name: string, picture: string): Promise<Uint8Array | undefined> {
    return (await draftsOpening)?.picture(name, picture).catch(() => undefined)
  }

  async function workerAdd(name: string): Promise<string> {
    const id = await workerMake(name, '')
    await workersRead()
    return id
  }

  async function pinSet(old: string, pin: string): Promise<void> {
    await the().setPin(old, pin)
    await workersRead()
  }

  /** besides: what else has to be done once they are stored; nothing waits for it. */
  async function recordAll(entries: readonly RecordDraft[], besides: () => Promise<unknown> = () => Promise.resolve()): Promise<RecordedAs[]> {
    const c = the()
    const made = await c.recordAll(entries)
    // The door is shown as it is now; counts and what stands beside it follow.
    clearTimeout(timer)
    timer = setTimeout(() => void read(), SAVED_MS)
    void besides().catch((e: unknown) => (fault.value = e))
    const doors = await c.households()
    if (client.value === c) households.value = doors
    return made
  }

  async function undo(event: string, reason?: string): Promise<'removed' | 'voided'> {
    const how = await the().undo(event, reason)
    await read()
    return how
  }

  async function acknowledge(directive: string): Promise<void> {
    await the().acknowledge(directive)
    await read()
    await beside
  }
  async function acknowledgeBack(directive: string): Promise<void> {
    await the().acknowledgeBack(directive)
    await read()
    await beside
  }
  /** A rejected record needs nobody any more, or does after all. */
  async function putAway(event: string, is: boolean): Promise<void> {
    await the().putAway(event, is)
    await read()
  }

  const textOf = (kind: string): Text | undefined => texts.value.filter((x) => x.kind === kind).slice(-1)[0]

  return {
    workers, worker, client, status, households, texts, targets, wants, topics, directives, begun, photos, booted, paper, paperDay, fault, enrolled,
    the, boot, open, close, refresh, filled, shown, draftKeep, draftDrop, draftOf, draftPictureKeep, draftPicture, workersRead, workerAdd, pinSet, recordAll, undo, acknowledge, acknowledgeBack, putAway, textOf,
  }
})
