// The long picture of a bulletin, drawn in the browser: chat programs take PNG and no SVG.

const SCALE = 2
const PIXELS_MAX = 8192

/** @throws Error where the browser draws no SVG. */
export async function pngOf(svg: string): Promise<Blob> {
  const image = new Image()
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }))
  try {
    await new Promise((resolve, reject) => {
      image.onload = resolve
      image.onerror = () => reject(new Error('the picture cannot be read'))
      image.src = url
    })
    const scale = Math.min(SCALE, PIXELS_MAX / image.height, PIXELS_MAX / image.width)
    const canvas = document.createElement('canvas')
    canvas.width = Math.floor(image.width * scale)
    canvas.height = Math.floor(image.height * scale)
    const context = canvas.getContext('2d')
    if (context === null) throw new Error('the browser draws nothing')
    context.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await new Promise((resolve, reject) => {
      canvas.toBlob((b) => (b === null ? reject(new Error('no PNG')) : resolve(b)), 'image/png')
    })
  } finally {
    URL.revokeObjectURL(url)
  }
}
