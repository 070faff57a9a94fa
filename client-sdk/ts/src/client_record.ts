/* client_record.ts - floor 3: from what a page says to drafts of events: defaults, new pseudonyms, grids.
 *
 * Failure mode: `invalid`, with the member that is missing.
 */
import type { RecordDraft } from './client_api.js'
import type { Outbox } from './outbox.js'
import type { Item } from './outbox_record.js'
import type { Identity } from './ports.js'
import { begin, type EventDraft } from './record.js'
import { pseudonymMake, type Random } from './wire/codec.js'
import { QmError } from './wire/err.js'

interface Around {
  outbox: Outbox
  identity: Identity
  random: Random
  /** grids of households that the same call makes */
  made: Map<string, string>
}

const missing = (member: string): never => {
  throw new QmError('invalid', member)
}

/** The newest: the greatest version code. */
async function newestText(outbox: Outbox, kind: string): Promise<string> {
  const texts = (await outbox.texts()).filter((row) => row.kind === kind).map((row) => row.text)
  return texts.sort().pop() ?? missing('text')
}

async function gridFor(around: Around, household: string | undefined, said: string | undefined): Promise<string> {
  if (said !== undefined) return said
  const known = household === undefined ? '' : (around.made.get(household) ?? (await around.outbox.gridOf(household)))
  if (known !== '') return known
  const [only, second] = around.identity.grids
  return only !== undefined && second === undefined ? only : missing('grid')
}

async function filled(around: Around, draft: RecordDraft): Promise<EventDraft> {
  const { outbox, random } = around
  switch (draft.kind) {
    case 'visit':
      return { topics: [], near: 'unknown', secs: 0, ...draft.members, kind: 'visit', grid: '' }
    case 'notice':
      return { evidence: [], ...draft.members, text: draft.members.text ?? (await newestText(outbox, 'notice')), kind: 'notice', grid: '' }
    case 'pledge':
      return { evidence: [], ...draft.members, text: draft.members.text ?? (await newestText(outbox, 'pledge')), kind: 'pledge', grid: '' }
    case 'app':
      return { real_name: false, call_alert: false, sms_alert: false, evidence: [], ...draft.members, kind: 'app', grid: '' }
    case 'household':
      return { ...draft.members, household: draft.members.household ?? pseudonymMake(random), kind: 'household', grid: '' }
    case 'resident':
      return { ...draft.members, resident: draft.members.resident ?? pseudonymMake(random), kind: 'resident', grid: '' }
  }
}

/** What the contract wants a P for gets one, if only with its salt. */
function needsPrivate(draft: EventDraft): boolean {
  if (draft.kind === 'resident') return draft.why === 'found' || draft.why === 'moved_in'
  return draft.kind === 'pledge' || draft.kind === 'household'
}

export async function itemsOf(
  outbox: Outbox,
  identity: Identity,
  drafts: readonly RecordDraft[],
  random: Random,
  nowMs: number,
): Promise<Item[]> {
  const around: Around = { outbox, identity, random, made: new Map() }
  const items: Item[] = []
  for (const one of drafts) {
    const draft = await filled(around, one)
    const household = 'household' in draft ? draft.household : undefined
    const place = draft.kind === 'household' ? draft.from : household
    draft.grid = await gridFor(around, place, one.members.grid)
    if (draft.kind === 'household') around.made.set(draft.household, draft.grid)
    items.push({ draft, begun: begin(one.hidden ?? (needsPrivate(draft) ? {} : undefined), random, nowMs) })
  }
  return items
}
