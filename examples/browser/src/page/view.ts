import type { Problem } from './problems.ts'

/** The element with an id, which has to be there and of the kind. */
export function find<kind extends Element>(id: string, kind: new () => kind): kind {
  const element = document.getElementById(id)
  if (element instanceof kind) return element
  throw new TypeError(`The page has no ${kind.name} #${id}.`)
}

type Attributes = Readonly<Record<string, string>>

export function create<name extends keyof HTMLElementTagNameMap>(
  name: name,
  attributes: Attributes,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[name] {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...children)
  return element
}

/** Text in which backticks mark what is code. */
export function toText(text: string): (Node | string)[] {
  return text.split('`').map((part, index) => (index % 2 === 0 ? part : create('code', {}, part)))
}

/** A button with the text that says what it does, is doing, or waits for; and where its failure is told. */
export type Step = ReturnType<typeof findStep>

export function findStep(button: string, name: string) {
  return {
    button: find(button, HTMLButtonElement),
    status: find(`${name}-status`, HTMLParagraphElement),
    problem: find(`${name}-problem`, HTMLDivElement),
  }
}

/** Not `disabled`, which would take the focus away: the button stays where it is and says why it does nothing. */
export function setEnabled({ button }: Step, isEnabled: boolean): void {
  button.setAttribute('aria-disabled', String(!isEnabled))
}

export function showProblem({ problem }: Step, shown: Problem | undefined): void {
  problem.hidden = shown === undefined
  if (!shown) return problem.replaceChildren()
  const { what, todo, details, docsUrl } = shown
  problem.replaceChildren(
    create('p', {}, create('strong', {}, what)),
    create('p', {}, ...toText(todo), ...(docsUrl ? [' ', create('a', { href: docsUrl }, 'About this error')] : [])),
    create('details', {}, create('summary', {}, 'Details'), create('pre', {}, details)),
  )
}

export type Choice = { readonly name: string; readonly says: string; readonly picture?: Element | undefined }

/** Fills a fieldset with radio buttons, of which the first is chosen. */
export function fillChoices(
  fieldset: HTMLFieldSetElement,
  choices: readonly Choice[],
): { chosen(): number; describe(index: number, text: string): void } {
  const rows = choices.map(({ name, says, picture }, index) => {
    const radio = create('input', { type: 'radio', name: fieldset.id, value: String(index) })
    radio.checked = index === 0
    const note = create('small', {}, says)
    const row = create('label', { class: 'choice' }, radio, create('span', {}, create('b', {}, name), note))
    if (picture) row.append(picture)
    fieldset.append(row)
    return { radio, note }
  })
  return {
    chosen: () => rows.findIndex(({ radio }) => radio.checked),
    describe(index, text) {
      const row = rows[index]
      if (row) row.note.textContent = text
    },
  }
}

/** A sound, drawn. It says nothing that the text does not. */
export function drawWave(audio: Float32Array): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', `0 -1 ${audio.length} 2`)
  svg.setAttribute('preserveAspectRatio', 'none')
  svg.setAttribute('aria-hidden', 'true')
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline')
  line.setAttribute('points', Array.from(audio, (value, index) => `${index},${(-1.8 * value).toFixed(3)}`).join(' '))
  svg.append(line)
  return svg
}

export function setText(id: string, text: string): void {
  find(id, HTMLElement).textContent = text
}
