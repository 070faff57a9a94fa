// What page and thread say to each other (sync_place.ts, sync_thread.ts).
import type { ErrCode, Report, SyncCall, WorkerInfo } from '@qiaomen/sdk'

export type ToThread =
  | { open: { worker: WorkerInfo['id']; pin: string | undefined } }
  | { sync: number; what: SyncCall['what']; now: boolean | undefined }
  | { stop: number }
  | { keep: boolean }
  | 'awake'

export type FromThread =
  /** it has opened the outbox, or could not */
  | { opened: boolean }
  | { progress: number; report: Report }
  | { done: number; report: Report }
  | { failed: number; code: Exclude<ErrCode, 'ok'>; detail: string }
