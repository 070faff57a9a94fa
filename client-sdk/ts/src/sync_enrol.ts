/* sync_enrol.ts - becoming a device of an account.  Sans-I/O like sync.ts.
 *
 * Happy path: name and key are made and stored, the code is sent with a note that the key signs, the
 * answer (account, grids, the log's key) is checked against code and host and stored.
 * Failure modes: a lost answer leaves name and key for the next attempt, so that it is the same
 * device; a name that the server has seen already is dropped, and `again` says to ask once more with a
 * fresh one.  Who is enrolled already and shows who they are by another code becomes a new device of the same
 * account; a code of another account leaves all as it was (`conflict`), and is used up.
 */
import { deviceName, deviceNameRead, isHost, type Random, uuid4 } from './wire/codec.js'
import { type ErrCode, QmError } from './wire/err.js'
import { vkeyMake, vkeyWrite } from './wire/note.js'
import type { Candidate, Identity, KeyPort, OutboxPort } from './ports.js'
import { type Ask, askEnrol, authorityOf, codeRead, type EnrolmentCode, enrolledRead } from './sync_ask.js'
import { calmPace, judge, type Said } from './sync_judge.js'

export interface EnrolFlight {
  ask: Ask
  url: string
  server: string
  code: EnrolmentCode
  candidate: Candidate
  /** the code must be one of this account */
  account?: string | undefined
}
export interface EnrolLanded {
  err: ErrCode
  /** call `ask` once more: the name was burnt, the code may still be good */
  again: boolean
}

export class Enrolment {
  constructor(
    private readonly outbox: OutboxPort,
    private readonly keys: KeyPort,
    private readonly random: Random,
  ) {}

  /** Name of this attempt, or of an earlier one whose answer was lost. */
  private async candidate(host: string): Promise<Candidate> {
    const fresh = deviceName(host, uuid4(this.random))
    await this.outbox.change((now) => {
      if (now.candidate?.host === host) return {}
      const slot = now.lastSlot + 1
      return { candidate: { host, device: fresh, slot }, lastSlot: slot }
    })
    const { candidate } = await this.outbox.state()
    if (candidate === undefined) throw new QmError('busy', 'another enrolment was faster')
    deviceNameRead(candidate.device, host)
    return candidate
  }

  /** server: "https://qm.example.gov.cn"; host: the authority that the server was set up with, that of the
   * address if none is given; account: enrolled already, and to be enrolled anew.  Rejects with `exists`
   * (enrolled already) and `invalid`. */
  async ask(server: string, code: string, host = authorityOf(server), account?: string): Promise<EnrolFlight> {
    const state = await this.outbox.state()
    if (state.identity !== undefined && state.stopped !== 'unknown-key' && account === undefined) throw new QmError('exists')
    authorityOf(server)
    if (!isHost(host)) throw new QmError('invalid', 'host')
    const read = codeRead(code)
    const candidate = await this.candidate(host)
    const made = await this.keys.make(candidate.slot)
    const signer = { key: vkeyMake(candidate.device, made.publicKey), sign: made.sign }
    const ask = await askEnrol(host, signer, code, made.soft)
    const tidy = server.replace(/\/$/, '')
    return { ask, url: tidy + ask.target, server: tidy, code: read, candidate, account }
  }

  async land(flight: EnrolFlight, said: Said): Promise<EnrolLanded> {
    const judged = judge('enrol', said)
    if (judged.then === 'read' && !('failed' in said)) return { err: await this.store(flight, said.body), again: false }
    if (judged.err !== 'key-taken') return { err: judged.err, again: false }
    await this.drop(flight)
    return { err: 'key-taken', again: true }
  }

  /** The name is not to be used again. */
  private drop(flight: EnrolFlight): Promise<void> {
    return this.outbox.change((now) => (now.candidate?.device === flight.candidate.device ? { candidate: undefined } : {}))
  }

  /** Rejects with `unknown-outcome` or `proof` if the answer is cut or does not fit. */
  private async store(flight: EnrolFlight, body: Uint8Array): Promise<ErrCode> {
    const { candidate, server, code } = flight
    const answer = enrolledRead(body, candidate.host, code.county)
    if (flight.account !== undefined && answer.account !== flight.account) {
      await this.drop(flight)
      return 'conflict'
    }
    const identity: Identity = {
      server,
      host: candidate.host,
      device: candidate.device,
      account: answer.account,
      grids: answer.grids,
      county: code.county,
      slot: candidate.slot,
      logKey: vkeyWrite(answer.log),
    }
    // Harmless when the log is the one that we know, and when the next step does not follow.
    await this.outbox.resend(answer.log.name, () => ({}))
    // Batches that a former device signed would not be known: their events join new ones.
    await this.outbox.releaseAll(() => ({
      identity,
      candidate: undefined,
      rotating: undefined,
      adopted: undefined,
      needLog: false,
      seen: undefined,
      cursor: '',
      pace: calmPace(),
      photoPace: undefined,
      stopped: undefined,
    }))
    return 'ok'
  }
}
