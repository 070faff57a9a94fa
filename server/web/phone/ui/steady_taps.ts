// A glove bounces and an old hand trembles: of two taps that are close together, in time and on the page, the second one
// is none.  Otherwise it would take back what the first one chose, or choose what has come under the finger meanwhile.
import { onBeforeUnmount, onMounted } from 'vue'

const BOUNCE_MS = 400
const NEAR_PX = 24

/** To be called with every click before it reaches what is tapped. */
export function steadyTaps(): (click: MouseEvent) => void {
  let last = { timeStamp: -BOUNCE_MS, pageX: 0, pageY: 0 }
  return (click) => {
    // A key has no place, and a label clicks once more on what it names.  A link that was not meant loses nothing: the
    // form is a draft.
    if (click.detail === 0 || !(click.target as Element).closest('button, summary')) return
    const { timeStamp, pageX, pageY } = click
    const bounced = timeStamp - last.timeStamp < BOUNCE_MS && Math.hypot(pageX - last.pageX, pageY - last.pageY) < NEAR_PX
    if (bounced) {
      click.preventDefault()
      click.stopPropagation()
    } else last = { timeStamp, pageX, pageY }
  }
}

/** While the page is there, for all of the screen: pads and dialogs stand beside the page, not in it. */
export function useSteadyTaps(): void {
  const steady = steadyTaps()
  onMounted(() => window.addEventListener('click', steady, true))
  onBeforeUnmount(() => window.removeEventListener('click', steady, true))
}
