// Hands a file to the phone's own way of saving files.
export function saveFile(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser reads it after this call.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
