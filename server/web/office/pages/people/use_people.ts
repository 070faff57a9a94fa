// The name beside the code of an account, on every page that shows one.  Names are asked for when the first code is
// shown, and kept for some minutes; until they are there, and where they cannot be read, the code stands alone.
import { shallowRef } from 'vue'
import { names as namesAsk } from '@shared/api/office'
import { seesNoNames } from '../../frame/roles'
import { useSession } from '../../session'
import { named } from './people'

const KEPT_MS = 300_000
interface Kept {
  /** Whose they are: another role sees others. */
  key: string
  at: number
  names: ReadonlyMap<string, string>
}
const kept = shallowRef<Kept>({ key: '', at: 0, names: new Map() })
let asked = { key: '', at: 0 }

async function ask(key: string, at: number): Promise<void> {
  asked = { key, at }
  const rows = await namesAsk().catch(() => null)
  if (rows !== null && asked.key === key) kept.value = { key, at, names: new Map(rows.map((r) => [r.account, r.name])) }
}

/** `who('W0001')`: "W0001 王**". */
export function usePeople() {
  const session = useSession()
  function who(account: string | null | undefined): string {
    if (!account) return ''
    const role = session.role
    if (role === null || seesNoNames(role.role)) return account
    const key = `${session.account} ${role.role} ${role.prefix}`
    const now = Date.now()
    if (asked.key !== key || now - asked.at > KEPT_MS) void ask(key, now)
    return named(account, kept.value.key === key ? kept.value.names.get(account) : null)
  }
  return { who }
}
