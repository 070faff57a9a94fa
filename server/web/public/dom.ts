// Building a page without a framework: text is only ever text, whatever the server sends.

type Child = Node | string

export function el<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  return made
}

/** Term and description for each pair. */
export function list(pairs: [string, string][]): HTMLDListElement {
  return el('dl', {}, ...pairs.flatMap(([term, text]) => [el('dt', {}, term), el('dd', {}, text)]))
}

export function button(text: string, act: () => void): HTMLButtonElement {
  const made = el('button', { type: 'button' }, text)
  made.addEventListener('click', act)
  return made
}
