// A glove bounces and an old hand trembles: of two taps on buttons that are close together, in time and on the page, the
// second one is none.  Otherwise it would take back what the first one chose.
const BOUNCE_MS = 400
const NEAR_PX = 24

/** To be called with every click before it reaches its button (`@click.capture`). */
export function steadyTaps(): (click: MouseEvent) => void {
  let last = { timeStamp: -BOUNCE_MS, pageX: 0, pageY: 0 }
  return (click) => {
    // A key has no place, and a label clicks once more on what it names.
    if (click.detail === 0 || !(click.target as Element).closest('button, summary')) return
    const { timeStamp, pageX, pageY } = click
    const bounced = timeStamp - last.timeStamp < BOUNCE_MS && Math.hypot(pageX - last.pageX, pageY - last.pageY) < NEAR_PX
    if (bounced) {
      click.preventDefault()
      click.stopPropagation()
    } else last = { timeStamp, pageX, pageY }
  }
}
