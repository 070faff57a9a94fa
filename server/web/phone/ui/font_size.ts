// The size of letters on all pages: everything is measured in rem.
const KEY = 'qm.font'
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

export function fontSizeUse(size: FontSize): void {
  document.documentElement.style.fontSize = size === 100 ? '' : `${size}%`
  document.documentElement.classList.toggle('large', size > 100)
  // Lists measure their rows by it.
  window.dispatchEvent(new Event('resize'))
  try {
    localStorage.setItem(KEY, String(size))
  } catch {
    // it holds for this page
  }
}
