/* client_pin.ts - floor 3: a PIN that its worker does not know, replaced by a code of the office.
 *
 * A first PIN may have been typed by whoever held the open phone, as when somebody else was enrolled beside the worker.
 * Happy path: the outbox is opened without the PIN (seal.ts keeps that way until somebody has shown who they are) ->
 * the office's code makes this phone a new device of the account that stands in the outbox -> the PIN is set, and from
 * then on nothing else opens it.  What was recorded stays and goes out by the new device.
 * Failure modes: the code is of another account, used or too old, there is no network: nothing has changed, the old PIN
 * is still good.  The answer was lost: the same code again.
 */
import { DeviceKeys } from './keys.js'
import { Outbox, type Surroundings } from './outbox.js'
import { databaseOf } from './outbox_workers.js'
import { Enrolment } from './sync_enrol.js'
import { runEnrol, type Transport } from './sync_run.js'
import { type ErrCode, QmError } from './wire/err.js'
import { PIN_MIN_LENGTH } from './seal.js'

export interface OfficeCode {
  /** "https://qm.example.gov.cn" */
  server: string
  host: string
  code: string
}

export async function pinByOffice(worker: string, { server, host, code }: OfficeCode, pin: string, place: Surroundings, transport: Transport): Promise<ErrCode> {
  if (pin.length < PIN_MIN_LENGTH) throw new QmError('invalid', 'PIN too short')
  const outbox = await Outbox.openKept(databaseOf(worker), place)
  try {
    const { identity } = await outbox.state()
    if (identity === undefined) throw new QmError('not-enrolled')
    const keys = new DeviceKeys(outbox.keys, place.subtle, place.random)
    const err = await runEnrol(new Enrolment(outbox, keys, place.random), transport, server, code, host, identity.account)
    if (err === 'ok') await outbox.setSure(pin)
    return err
  } finally {
    outbox.close()
  }
}
