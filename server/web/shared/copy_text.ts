// Copies a text.  Without the clipboard of newer browsers (old kernels, WeChat, a page without https) the old
// command copies what is selected in a field that is there for this moment only.

function copySelected(text: string): boolean {
  const before = document.activeElement
  const field = document.createElement('textarea')
  field.value = text
  field.readOnly = true
  // Seen by nobody, and without making the page longer.
  Object.assign(field.style, { position: 'fixed', left: '0', top: '0', opacity: '0' })
  // Outside of an open dialog nothing can be selected.
  ;(before?.closest('dialog, [role=dialog]') ?? document.body).append(field)
  try {
    field.select()
    return document.execCommand('copy')
  } catch {
    return false
  } finally {
    field.remove()
    if (before instanceof HTMLElement) before.focus({ preventScroll: true })
  }
}

/** Whether the text is on the clipboard now. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copySelected(text)
  }
}
