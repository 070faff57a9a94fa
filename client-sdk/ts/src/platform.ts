/* platform.ts - floor 1: what a client needs from where it runs.  Types only; the browser's is in
 * platform_browser.ts, tests bring their own.
 */
import type { Random } from './wire/codec.js'

/** Says to the other tabs of this worker that something changed. */
export interface Channel {
  /** true: this browser has none, so that what other tabs do is not heard of */
  deaf?: boolean
  post(message: string): void
  listen(heard: (message: string) => void): void
  close(): void
}

export interface StorageRoom {
  /** bytes; undefined: the browser does not say */
  used?: number | undefined
  quota?: number | undefined
  /** the browser has promised not to clear the data by itself */
  persistent: boolean
}

export interface Platform {
  /** undefined outside of a secure context: no key can be kept then */
  subtle: SubtleCrypto | undefined
  random: Random
  /** Unix ms of this device's clock */
  now(): number
  fetch: typeof fetch
  /** Runs `work` unless another tab holds the name: 'held'. */
  exclusive<T>(name: string, work: () => Promise<T>): Promise<T | 'held'>
  channel(name: string): Channel
  /** Calls back later; the result takes it back. */
  after(delayMs: number, call: () => void): () => void
  /** Between two short pieces of much work: lets what is waiting go first, above all the screen, if it has waited
   * for long enough.  undefined: nothing needs to. */
  breathe?: (() => Promise<void>) | undefined
  /** There is surely no network; false says nothing. */
  offline(): boolean
  /** Calls back when a network, or the screen, comes back; the result ends that. */
  onAwake(call: () => void): () => void
  room(): Promise<StorageRoom>
  /** Asks the browser to keep the data; true: it will. */
  persist(): Promise<boolean>
}
