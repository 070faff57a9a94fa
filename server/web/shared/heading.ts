// After another page is shown, a reader of the screen and the keyboard begin at its heading.
export function headingFocus(): void {
  const at = document.querySelector<HTMLElement>('main h1') ?? document.querySelector('main')
  if (at === null) return
  at.tabIndex = -1
  at.focus({ preventScroll: true })
}
