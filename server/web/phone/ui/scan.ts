// Reads QR codes out of pictures of the camera: by the browser where it can, else by a thread
// (scan_thread.ts), a file of its own that comes the first time it is needed.
//
// Happy path: cameraOpen → readerMake → read(frame) again and again until it gives a text → end.
// Failure modes: cameraFault says why there is no picture; a frame without a code gives null; a browser
// whose own reader fails (some phones have one that never works) gets the thread from then on; a thread
// that does not come, or dies, rejects what is asked of it.
import type { Seen } from './scan_thread'
import ScanThread from './scan_thread?worker'

export type CameraFault = 'refused' | 'none' | 'in_use' | 'broken'

/** What the rejection of getUserMedia means (W3C Media Capture and Streams, section 10.3). */
export function cameraFault(e: unknown): CameraFault {
  const name = e instanceof Error || e instanceof DOMException ? e.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'refused'
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'none'
  if (name === 'NotReadableError' || name === 'AbortError') return 'in_use'
  return 'broken'
}

/** The camera on the back, where there are two. */
export function cameraOpen(): Promise<MediaStream> {
  const media: MediaDevices | undefined = navigator.mediaDevices
  if (typeof media?.getUserMedia !== 'function') return Promise.reject(new DOMException('no camera', 'NotFoundError'))
  return media.getUserMedia({ video: { facingMode: { ideal: 'environment' }, width: { ideal: 1280 }, height: { ideal: 720 } } })
}

export interface Reader {
  /** One frame at a time. */
  read: (frame: HTMLVideoElement) => Promise<string | null>
  /** Lets go of everything; nothing is read afterwards. */
  end: () => void
}

interface Detector {
  detect(source: CanvasImageSource): Promise<{ rawValue: string }[]>
}
interface DetectorClass {
  new (options: { formats: string[] }): Detector
  getSupportedFormats(): Promise<string[]>
}

async function ownDetector(): Promise<Detector | undefined> {
  const there = (window as { BarcodeDetector?: DetectorClass }).BarcodeDetector
  try {
    if (there === undefined || !(await there.getSupportedFormats()).includes('qr_code')) return undefined
    return new there({ formats: ['qr_code'] })
  } catch {
    return undefined
  }
}

/** Enough for a code that fills a third of the picture, and quick on a slow phone. */
const LONGEST = 800

function pictureOf(frame: HTMLVideoElement, canvas: HTMLCanvasElement, context: CanvasRenderingContext2D | null): ImageData | undefined {
  const scale = Math.min(1, LONGEST / Math.max(frame.videoWidth, frame.videoHeight, 1))
  canvas.width = Math.round(frame.videoWidth * scale)
  canvas.height = Math.round(frame.videoHeight * scale)
  if (context === null || canvas.width === 0 || canvas.height === 0) return undefined
  context.drawImage(frame, 0, 0, canvas.width, canvas.height)
  return context.getImageData(0, 0, canvas.width, canvas.height)
}

function threadReader(): Reader {
  const thread = new ScanThread()
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  const read = (frame: HTMLVideoElement): Promise<string | null> => {
    const picture = pictureOf(frame, canvas, context)
    if (picture === undefined) return Promise.resolve(null)
    return new Promise((resolve, reject) => {
      thread.onmessage = (event: MessageEvent<Seen>) => resolve(event.data.text)
      thread.onerror = (event) => reject(new Error(event.message))
      thread.postMessage(picture, [picture.data.buffer])
    })
  }
  return { read, end: () => thread.terminate() }
}

export async function readerMake(): Promise<Reader> {
  const detector = await ownDetector()
  if (detector === undefined) return threadReader()
  let other: Reader | undefined
  const read = async (frame: HTMLVideoElement): Promise<string | null> => {
    if (other !== undefined) return other.read(frame)
    try {
      return (await detector.detect(frame))[0]?.rawValue ?? null
    } catch {
      other = threadReader()
      return other.read(frame)
    }
  }
  return { read, end: () => other?.end() }
}
