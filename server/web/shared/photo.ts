// A photo as it is kept: scaled, drawn anew and so without place, time or name of the phone, at most
// 1 MiB, as the server takes it.
//
// Happy path: decoded, drawn at most LONGEST wide or high, written as JPEG of falling quality until it
// fits.  Failure modes: a file that is no picture, a browser that gives none: PhotoFault.
export class PhotoFault extends Error {}

const MAX_BYTES = 1024 * 1024
const LONGEST = 1600

/** Both sides scaled so that the longer one is at most `longest`; never enlarged. */
export function fitted(width: number, height: number, longest = LONGEST): { width: number; height: number } {
  const scale = Math.min(1, longest / Math.max(width, height, 1))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

/** Decoded by an element: it turns the picture as it was held, also in old browsers. */
function decoded(file: Blob): Promise<HTMLImageElement> {
  return new Promise((resolve, reject) => {
    const url = URL.createObjectURL(file)
    const image = new Image()
    image.onload = () => {
      URL.revokeObjectURL(url)
      resolve(image)
    }
    image.onerror = () => {
      URL.revokeObjectURL(url)
      reject(new PhotoFault('not a picture'))
    }
    image.src = url
  })
}

function written(image: HTMLImageElement, longest: number, quality: number): Promise<Blob | null> {
  const size = fitted(image.naturalWidth, image.naturalHeight, longest)
  const canvas = document.createElement('canvas')
  canvas.width = size.width
  canvas.height = size.height
  const c = canvas.getContext('2d')
  if (c === null) return Promise.resolve(null)
  c.fillStyle = '#ffffff'
  c.fillRect(0, 0, size.width, size.height)
  c.drawImage(image, 0, 0, size.width, size.height)
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality))
}

export async function photoMake(file: Blob): Promise<Blob> {
  const image = await decoded(file)
  for (const [longest, quality] of [
    [LONGEST, 0.8],
    [LONGEST, 0.6],
    [1200, 0.5],
    [800, 0.5],
  ] as const) {
    const blob = await written(image, longest, quality)
    if (blob !== null && blob.size <= MAX_BYTES) return blob
  }
  throw new PhotoFault('no picture came out')
}
