/* client_workers.ts - floor 3: the workers of one phone: who they are, and what is done about one whose outbox is
 * not open: a PIN that was forgotten, what was not sent, leaving.
 *
 * Failure modes: said at each call.
 */
import type { Change, WorkerInfo } from './client_api.js'
import { QmClient, surroundingsOf } from './client.js'
import { type OfficeCode, pinByOffice } from './client_pin.js'
import { Outbox } from './outbox.js'
import { databaseOf, type Unsent, workerAdd, workerRemove, workerRename, workersList, workerUnsent } from './outbox_workers.js'
import type { Platform } from './platform.js'
import { fetchTransport } from './transport_fetch.js'
import type { ErrCode } from './wire/err.js'

export class Workers {
  constructor(private readonly platform: Platform) {}

  list(): Promise<WorkerInfo[]> {
    return workersList(this.platform.now())
  }
  /** pin '': none.  Gives the id.  `invalid`: a PIN has at least 4 characters. */
  async add(name: string, pin = ''): Promise<string> {
    const id = await workerAdd(name, this.platform.random, this.platform.now())
    const client = await QmClient.open({ worker: id, platform: this.platform })
    try {
      if (pin !== '') await client.setPin('', pin)
    } finally {
      client.close()
    }
    return id
  }
  rename(id: string, name: string): Promise<void> {
    return workerRename(id, name)
  }
  /** How many records of a worker have no receipt, and how many photos wait, without their PIN. */
  unsent(id: string): Promise<Unsent> {
    return workerUnsent(id)
  }
  /** The first PIN of a worker who has none, so that somebody else (`by`) may be enrolled beside them.  What they have
   * not sent goes out first, if it can: behind a PIN it waits for them.  They hear of it (`WorkerInfo.given`).
   * `forbidden`: there is a PIN. */
  async firstPin(id: string, pin: string, by: string): Promise<void> {
    const client = await QmClient.open({ worker: id, platform: this.platform })
    try {
      await client.sync({ now: true, what: ['records'] })
      await client.setPin('', pin, { by, atMs: this.platform.now() })
    } finally {
      client.close()
    }
  }
  /** Another PIN by the spare code.  `forbidden`: another code; `not-found`: none was made; `invalid`: the PIN
   * has less than 4 characters. */
  async pinForgotten(id: string, code: string, pin: string): Promise<void> {
    await Outbox.pinForgotten(databaseOf(id), code, pin, surroundingsOf(this.platform))
  }
  /** Another PIN by a code of the office for this worker's account (`WorkerInfo.officeOpens`), whatever the old one is.
   * 'ok', or why not, as `enrol`; `conflict`: a code of another account.  `not-found`: nothing but the PIN opens it. */
  async pinByOffice(id: string, code: OfficeCode, pin: string): Promise<ErrCode> {
    const err = await pinByOffice(id, code, pin, surroundingsOf(this.platform), fetchTransport(this.platform.fetch))
    // A tab where this worker is open has another device from now on, and its records wait again.
    const channel = this.platform.channel(databaseOf(id))
    for (const change of ['state', 'records'] satisfies Change[]) channel.post(change)
    channel.close()
    return err
  }
  /** `conflict`: records or photos that are not sent yet. */
  remove(id: string): Promise<void> {
    return workerRemove(id)
  }
}
