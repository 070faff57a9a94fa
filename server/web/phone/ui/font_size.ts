// The size of letters on all pages: everything is measured in rem.  Where few of them fit beside each
// other, by this setting, the browser's own or its zoom, the page is marked as `large`.
import { ref } from 'vue'

const KEY = 'qm.font'
const NARROW_REM = 20
export const SIZES = [100, 125, 150] as const
export type FontSize = (typeof SIZES)[number]

export function fontSize(): FontSize {
  try {
    const kept = Number(localStorage.getItem(KEY))
    return SIZES.find((s) => s === kept) ?? 100
  } catch {
    return 100
  }
}

export const large = ref(false)

function mark(): void {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize)
  large.value = window.innerWidth < NARROW_REM * rem
  document.documentElement.classList.toggle('large', large.value)
}
window.addEventListener('resize', mark)

export function fontSizeUse(size: FontSize): void {
  document.documentElement.style.fontSize = size === 100 ? '' : `${size}%`
  // Lists measure their rows by it.
  window.dispatchEvent(new Event('resize'))
  try {
    localStorage.setItem(KEY, String(size))
  } catch {
    // it holds for this page
  }
}
