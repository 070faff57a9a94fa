// Reads QR codes out of pictures of the camera: by the browser where it can, else by jsQR, which comes
// as a file of its own the first time it is needed.  This file alone knows either.
//
// Happy path: cameraOpen → readerMake → read(frame) again and again until it gives a text.
// Failure modes: cameraFault says why there is no picture; a frame without a code gives null; a browser
// whose own reader fails (some phones have one that never works) gets jsQR from then on.

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

export type Reader = (frame: HTMLVideoElement) => Promise<string | null>

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

async function pictureReader(): Promise<Reader> {
  const { default: jsQR } = await import('jsqr')
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  return (frame) => {
    const scale = Math.min(1, LONGEST / Math.max(frame.videoWidth, frame.videoHeight, 1))
    canvas.width = Math.round(frame.videoWidth * scale)
    canvas.height = Math.round(frame.videoHeight * scale)
    if (context === null || canvas.width === 0 || canvas.height === 0) return Promise.resolve(null)
    context.drawImage(frame, 0, 0, canvas.width, canvas.height)
    const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height)
    return Promise.resolve(jsQR(data, width, height, { inversionAttempts: 'dontInvert' })?.data ?? null)
  }
}

export async function readerMake(): Promise<Reader> {
  const detector = await ownDetector()
  if (detector === undefined) return pictureReader()
  let other: Reader | undefined
  return async (frame) => {
    if (other !== undefined) return other(frame)
    try {
      return (await detector.detect(frame))[0]?.rawValue ?? null
    } catch {
      other = await pictureReader()
      return other(frame)
    }
  }
}
