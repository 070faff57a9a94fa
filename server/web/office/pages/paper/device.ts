// This browser as a device of the signed-in account: one outbox an account, locked by a PIN, the same
// one that the phone's pages at this address open.
//
// Happy path: look → none: enrol (a code for the own account, a key, the list of doors) or locked:
// unlock → open: the client sends by itself as long as the page is open.
// Failure: `fault` says in words what happened; an enrolment whose answer was lost is tried again with
// the same code.
import { onBeforeUnmount, ref, shallowRef } from 'vue'
import type { QmClientApi, Status } from '@qiaomen/sdk'
import { siteHost } from '@shared/api/device'
import { phoneCode } from '@shared/api/office'
import { bareText, codeText, faultText } from '@shared/device/faults'
import { workerLastKeep } from '@shared/device/worker_last'
import type { Language } from '@shared/lang'
import { useTask } from '../use_task'
import { done } from '../report'

export type DeviceState = 'looking' | 'none' | 'locked' | 'open'
/** Changes that come close together are read once. */
const SETTLE_MS = 150
const BUSY_TRIES = 60
const BUSY_MS = 500
/** A fault of the client, whose words are in its own table; others are the server's. */
const ofClient = (e: unknown): boolean => e instanceof Error && e.name === 'QmError'

export function useDevice(account: string, language: () => Language) {
  const state = ref<DeviceState>('looking')
  const status = shallowRef<Status>()
  const client = shallowRef<QmClientApi>()
  const { busy, error, run } = useTask()
  const fault = ref('')
  /** why this device may send nothing more, in words */
  const stopped = ref('')
  let worker = ''
  let code: string | undefined
  let endings: (() => void)[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  /** Faults of the client in its own words, of the server as on every page. */
  async function attempt(task: () => Promise<void>): Promise<boolean> {
    fault.value = ''
    const good = await run(task)
    if (!good && error.value !== null && ofClient(error.value)) {
      fault.value = await faultText(error.value, language())
      error.value = null
    }
    return good
  }

  async function refresh(): Promise<void> {
    const now = await client.value?.status()
    stopped.value = now?.stopped === undefined ? '' : await codeText(now.stopped, language())
    status.value = now
  }
  function refreshSoon(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      void refresh().catch(() => undefined)
    }, SETTLE_MS)
  }

  function close(): void {
    clearTimeout(timer)
    timer = undefined
    for (const end of endings) end()
    endings = []
    client.value?.close()
    client.value = undefined
    status.value = undefined
  }

  async function opened(id: string, pin: string | undefined): Promise<void> {
    close()
    const { clientOpen } = await import('@shared/device/sdk')
    const c = await clientOpen(id, pin)
    client.value = c
    worker = id
    await refresh()
    state.value = status.value?.account === account ? 'open' : 'none'
    if (state.value === 'none') return
    workerLastKeep(id)
    endings = [c.on(refreshSoon), c.keepSyncing()]
  }

  function look(): Promise<boolean> {
    return attempt(async () => {
      const { workersList } = await import('@shared/device/sdk')
      const mine = (await workersList()).filter((w) => w.name === account).pop()
      if (mine === undefined) state.value = 'none'
      else if (mine.hasPin) {
        worker = mine.id
        state.value = 'locked'
      } else await opened(mine.id, undefined)
    })
  }

  const unlock = (pin: string): Promise<boolean> => attempt(() => opened(worker, pin))

  /** The worker that an earlier attempt made, else a new one; a switched off one keeps what it holds,
   * under another name. */
  async function workerReady(pin: string): Promise<QmClientApi> {
    const { workerMake, workerRename, workersList } = await import('@shared/device/sdk')
    if (client.value !== undefined && status.value?.account === undefined) {
      // It may have been left between its making and its PIN.
      const lacksPin = (await workersList()).some((w) => w.id === worker && !w.hasPin)
      if (lacksPin) await client.value.setPin('', pin)
      return client.value
    }
    if (worker !== '') await workerRename(worker, `${account} ✕`)
    await opened(await workerMake(account, pin), pin)
    return client.value!
  }

  function enrol(pin: string): Promise<boolean> {
    return attempt(async () => {
      const { workersList } = await import('@shared/device/sdk')
      const bare = (await workersList()).filter((w) => w.enrolled && !w.hasPin && w.id !== worker)
      if (bare.length > 0) {
        fault.value = bareText(bare.map((w) => w.name), language())
        return
      }
      const c = await workerReady(pin)
      code ??= done(await phoneCode(account)).code!
      const got = await c.enrol(code, location.origin, await siteHost())
      if (got === 'forbidden') code = undefined
      if (got !== 'ok') {
        fault.value = await codeText(got, language())
        return
      }
      code = undefined
      await c.persist()
      await c.sync({ now: true })
      await opened(worker, pin)
    })
  }

  /** Brings the list up to date, so that nothing is recorded that others have recorded since.  '' or, in
   * words, why it could not.  A round of this page that is under way is waited for. */
  async function fresh(): Promise<string> {
    for (let tries = 0; ; tries++) {
      const { err } = await client.value!.sync({ now: true })
      if (err === 'ok') return ''
      if (err !== 'busy' || tries === BUSY_TRIES) return codeText(err, language())
      await new Promise((resolve) => setTimeout(resolve, BUSY_MS))
    }
  }

  onBeforeUnmount(close)
  return { state, status, stopped, client, busy, error, fault, look, unlock, enrol, fresh, refresh }
}
export type Device = ReturnType<typeof useDevice>
